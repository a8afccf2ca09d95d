from __future__ import annotations

from pathlib import Path

import pytest

from tapgen.cli.invocation import Invocation


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


@pytest.mark.parametrize(
    ("text", "completed"),
    [
        ("`tapgen env show prod`", "`tapgen env show prod{options}`"),
        ("`tapgen a`/`tapgen b`", "`tapgen a{options}`/`tapgen b{options}`"),
        (  # target.command knows the options itself
            "Run `tapgen deploy --env dev --project 'other one'`.",
            "Run `tapgen deploy --env dev --project 'other one' --envs-dir envs`.",
        ),
        ("`tapgen init DIR` starts one.", "`tapgen init DIR` starts one."),
        ("`tapgen --help` lists them.", "`tapgen --help` lists them."),
        ("`tapgenerate` is no command.", "`tapgenerate` is no command."),
    ],
)
def test_suggested_commands_repeat_where_the_files_are(text: str, completed: str) -> None:
    invocation = Invocation(project_folder=Path("other one"), envs_dir=Path("envs"))
    whole = completed.format(options=" --project 'other one' --envs-dir envs")
    assert invocation.complete(text) == whole
    assert invocation.complete(whole) == whole
    assert Invocation().complete(text) == text


def test_one_option_is_repeated_without_the_other() -> None:
    assert Invocation(envs_dir=Path("e")).complete("`tapgen lint`") == "`tapgen lint --envs-dir e`"
