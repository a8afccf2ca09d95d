from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest

from tapgen.errors import TapgenError
from tapgen.model import platform as platform_module
from tapgen.model.layer import Layer
from tapgen.model.platform import Platform, load

MIXED = ("a", 1)


def test_a_part_is_imported_when_it_is_asked_for() -> None:
    platform = Platform(name="acme", layers=(), rules="json:dumps")
    assert platform.part("rules") is load("json:dumps", "x")
    assert platform.part("guards") is None


@pytest.mark.parametrize("reference", ["json:nothing", "nosuch.module:X", "json", ":X", ""])
def test_a_part_that_is_not_there_is_an_error(reference: str) -> None:
    with pytest.raises(TapgenError, match="rules of the platform acme: ") as caught:
        load(reference, "rules of the platform acme")
    assert '"package.module:NAME"' in caught.value.hint


def test_that_no_more_files_may_be_opened_is_no_fault_of_the_module(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refused(_: str) -> None:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    monkeypatch.setattr(platform_module, "import_module", refused)
    with pytest.raises(OSError, match="Too many open files"):
        load("json:dumps", "x")


def test_it_knows_the_file_of_each_layer() -> None:
    layers = (Layer("a", "", package="acme.layers"), Layer("b", "", package="acme.more"))
    sources = Platform(name="acme", layers=layers).sources
    assert sources == {"a": "acme/layers/a.py", "b": "acme/more/b.py"}


@pytest.mark.parametrize("missing", ["import nosuch_thing", "[].nothing", "raise ImportError('x')"])
def test_what_a_module_lacks_is_not_said_of_the_name(
    missing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "lacking.py").write_text(f"{missing}\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(TapgenError, match="rules: 'lacking:RULES' cannot be imported: ") as caught:
        load("lacking:RULES", "rules")
    assert caught.value.hint.startswith("Mend it: `python -c 'import lacking'`")


@pytest.mark.parametrize(
    ("reference", "several", "wanted"),
    [("json:dumps", False, "a str"), ("json:dumps", True, "a tuple of str"),
     ("tests.model.test_platform:MIXED", True, "a tuple of str")],
)  # fmt: skip
def test_a_part_of_another_kind_is_an_error(reference: str, several: bool, wanted: str) -> None:
    platform = Platform(name="acme", layers=(), rules=reference)
    with pytest.raises(TapgenError, match=f"rules of the platform acme: .* is not {wanted}"):
        platform.part("rules", str, several=several)


def test_a_tuple_of_the_kind_is_a_part() -> None:
    platform = Platform(name="acme", layers=(), rules="tests.model.test_platform:MIXED")
    assert platform.part("rules", object, several=True) is MIXED


def test_all_that_is_wrong_with_layers_is_told_at_once() -> None:
    wrong: Any = (
        Layer("my-jobs", ""),
        Layer("jobs", "", inputs={"Key": "data.Key"}, settings={"Days": 3}),  # type: ignore[dict-item]
        Layer("jobs", ""),
        Layer("", ""),
        "files",
    )
    with pytest.raises(TapgenError) as caught:
        Platform(name="acme", layers=wrong)
    assert caught.value.message.splitlines() == [
        "layers of the platform acme: 'my-jobs' is not letters and digits, a letter first",
        "layers of the platform acme: jobs: not all `inputs` are an OutputRef: {'Key': 'data.Key'}",
        "layers of the platform acme: jobs: not all `settings` are names of settings: {'Days': 3}",
        "layers of the platform acme: 'jobs' is there twice",
        "layers of the platform acme: '' is not letters and digits, a letter first",
        "layers of the platform acme: 'files' is no Layer",
    ]


def test_what_is_wrong_with_its_layers_is_said_in_its_own_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = (
        "from tapgen.model.platform import Platform\nPLATFORM = Platform(name='a', layers=(1,))"
    )
    (tmp_path / "mistaken.py").write_text(source)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(TapgenError) as caught:
        load("mistaken:PLATFORM", "the project's platform")
    assert caught.value.message == "layers of the platform a: 1 is no Layer"
