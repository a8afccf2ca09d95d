from __future__ import annotations

import errno
import os

import pytest

from tapgen.errors import TapgenError
from tapgen.model import platform as platform_module
from tapgen.model.layer import Layer
from tapgen.model.platform import Platform, load


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
