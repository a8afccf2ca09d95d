from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tapgen.cli.invocation import Invocation

if TYPE_CHECKING:
    from pathlib import Path


def test_an_option_that_is_read_later_counts(project: Path) -> None:
    invocation = Invocation()
    assert invocation.platform.name == "payments"
    invocation.envs_dir = project / "envs"
    invocation.local = True
    found = invocation.project
    assert (found.envs, found.local, found.folder) == (project / "envs", True, project)
    assert invocation.project is found


@pytest.mark.parametrize(
    ("value", "wanted"), [(None, True), ("", True), ("0", True), ("1", False), ("yes", False)]
)
def test_every_command_can_be_told_to_remember_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, value: str | None, wanted: bool
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv("TAPGEN_NO_CACHE")
    if value is not None:
        monkeypatch.setenv("TAPGEN_NO_CACHE", value)
    assert Invocation().project.remember is wanted
    assert (Invocation().project.store() is not None) is wanted
    assert Invocation(no_cache=True).project.store() is None
