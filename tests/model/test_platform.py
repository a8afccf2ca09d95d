from __future__ import annotations

import errno
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import pytest

from tapgen.errors import TapgenError
from tapgen.model import platform as platform_module
from tapgen.model.layer import Layer, OutputRef
from tapgen.model.parts.declared import SECONDS, Part
from tapgen.model.platform import OwnCommand, Platform, load
from tests.paths import ROOT

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


@pytest.mark.parametrize("missing", ["import nosuch_thing", "[].nothing", "raise ImportError('x')"])
def test_what_a_module_lacks_is_not_said_of_the_name(
    missing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "lacking.py").write_text(f"{missing}\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(TapgenError, match="rules: 'lacking:RULES' cannot be imported: ") as caught:
        load("lacking:RULES", "rules")
    assert caught.value.hint == f"Correct it: {tmp_path}/lacking.py:1."


@pytest.mark.parametrize(
    ("reference", "several", "wanted"),
    [("json:dumps", False, "of str"), ("json:dumps", True, "a tuple of str"),
     ("tests.model.test_platform:MIXED", True, "a tuple of str")],
)  # fmt: skip
def test_a_part_of_another_kind_is_an_error(reference: str, several: bool, wanted: str) -> None:
    platform = Platform(name="acme", layers=(), rules=reference)
    with pytest.raises(TapgenError, match=f"rules of the platform acme: .* must be {wanted}"):
        platform.part("rules", str, several=several)


def test_a_tuple_of_the_kind_is_a_part() -> None:
    platform = Platform(name="acme", layers=(), rules="tests.model.test_platform:MIXED")
    assert platform.part("rules", object, several=True) is MIXED


def refused(**declared: Any) -> list[str]:
    """What is said of a platform that declares this, without its place, which has to be here."""
    with pytest.raises(TapgenError) as caught:
        Platform(**{"name": "acme", "layers": (), **declared})
    lines = []
    for line in caught.value.message.splitlines():
        place, _, told = line.partition(": the platform acme: ")
        assert place.startswith("tests/model/test_platform.py:")
        lines.append(told)
    return lines


def test_all_that_is_wrong_with_layers_is_told_at_once() -> None:
    wrong: Any = (
        Layer("my-jobs", ""),
        Layer("jobs", "", inputs={"Key": "data.Key"}, settings={"Days": 3}),  # type: ignore[dict-item]
        Layer("jobs", "", region=3),  # type: ignore[arg-type]
        Layer("", ""),
        "files",
    )
    told = """\
the name of the layer 'my-jobs' must be letters and digits, a letter first
the layer jobs: `inputs` is {'Key': 'data.Key'}, but must be a mapping of texts to OutputRefs
the layer jobs: `settings` is {'Days': 3}, but must be a mapping of texts to names of settings
the layer jobs is declared twice
the layer jobs: `region` is 3, but must be a text or None
the name of the layer '' must be letters and digits, a letter first
`layers` has 'files', which is not a Layer
"""
    assert refused(layers=wrong) == told.splitlines()


def test_so_is_all_that_is_wrong_with_its_other_fields() -> None:
    told = """\
`layers` is 'files', but must be a tuple of Layers
`rules` is None, but must be a text
`commands` is {'seed': 'acme:seed'}, but must be a mapping of texts to OwnCommands
`stages` is 'dev', but must be a tuple of texts
`tags` is ('CostCenter',), but must be a mapping of texts to texts
`artifacts` is 'files.Bucket', but must be of OutputRef, or None
`rollback_alarms` is ('alarms', 'Errors'), but must be a tuple of pairs (layer, logical id)
"""
    found = refused(
        layers="files",
        stages="dev",
        tags=("CostCenter",),
        commands={"seed": "acme:seed"},
        artifacts="files.Bucket",
        rollback_alarms=("alarms", "Errors"),
        rules=None,
    )
    assert found == told.splitlines()
    named = {"artifacts": OutputRef("files", "X"), "rollback_alarms": (("alarms", "Errors"),)}
    assert refused(**named) == [
        "`rollback_alarms` names the layer alarms, which does not exist",
        "`artifacts` names the layer files, which does not exist",
    ]
    seed: Any = OwnCommand("acme:seed", None)  # type: ignore[arg-type]
    assert refused(stages=("dev", "dev"), commands={"seed": seed}) == [
        "`stages` has dev twice",
        "the command seed is ('acme:seed', None), but must be two texts",
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
    place = f"{tmp_path}/mistaken.py:2"
    assert caught.value.message == f"{place}: the platform a: `layers` has 1, which is not a Layer"


@dataclass(frozen=True)
class Lamp(Part):
    kinds: ClassVar = {"watts": SECONDS}

    name: str
    watts: float = 1

    def __str__(self) -> str:
        return f"the lamp {self.name}"


LAMPS = (Lamp("desk"), Lamp("desk", 0), Lamp("floor", -1))


def test_all_that_is_wrong_with_parts_is_told_at_once() -> None:
    platform = Platform(name="acme", layers=(), guards=f"{__name__}:LAMPS")
    with pytest.raises(TapgenError) as caught:
        platform.part("guards", Lamp, several=True)
    place = LAMPS[0].place.removeprefix(f"{ROOT}/")
    assert caught.value.message.splitlines() == [
        f"{place}: the lamp desk: `watts` is 0, but must be a number of seconds above 0",
        f"{place}: the lamp floor: `watts` is -1, but must be a number of seconds above 0",
        "guards of the platform acme: the lamp desk is declared twice",
    ]


def test_a_module_may_print(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "talkative.py").write_text("print('loading')\nRULES = 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert load("talkative:RULES", "rules") == 1
    assert tuple(capsys.readouterr()) == ("", "loading\n")
