from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tapgen.cli.main import COMMANDS
from tapgen.payments.layers.registry import LAYERS

SHELLS = ["bash", "zsh", "fish"]
every_shell = pytest.mark.parametrize("shell", SHELLS)


@pytest.fixture
def complete(project: Path, tapgen: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """`complete("zsh", "deploy", "--env", "")`: what the shell is given for the last word."""

    def ask(shell: str, *words: str) -> list[str]:
        *before, last = words
        monkeypatch.setenv("_TAPGEN_COMPLETE", f"{shell}_complete")
        typed = " ".join(["tapgen", *before, last])
        monkeypatch.setenv("COMP_WORDS", typed)
        monkeypatch.setenv("COMP_CWORD", last if shell == "fish" else str(len(words)))
        ran = tapgen()
        assert (ran.code, ran.err) == (0, "")
        lines: list[str] = ran.out.rstrip("\n").split("\n")
        if shell == "zsh":  # type, value and help each on a line
            return lines[1::3]
        return [value.split("\t")[0] for line in lines for _, _, value in [line.partition(",")]]

    return ask


@every_shell
def test_environments_complete(complete: Any, shell: str) -> None:
    assert complete(shell, "deploy", "--env", "") == ["dev", "staging", "prod"]
    assert complete(shell, "render", "-e", "st") == ["staging"]
    assert complete(shell, "local", "env", "--env", "p") == ["prod"]
    assert complete(shell, "promote", "--from", "s") == ["staging"]


@every_shell
def test_environments_complete_by_position_those_that_are_not_named_yet(
    complete: Any, shell: str
) -> None:
    assert complete(shell, "deploy", "") == ["dev", "staging", "prod"]
    assert complete(shell, "env", "show", "st") == ["staging"]
    assert complete(shell, "status", "dev", "--env", "prod", "") == ["staging"]
    assert complete(shell, "env", "diff", "dev", "") == ["staging", "prod"]
    assert complete(shell, "env", "new", "") in ([], [""])


@every_shell
def test_layers_complete(complete: Any, shell: str) -> None:
    assert complete(shell, "plan", "--layer", "") == [layer.name for layer in LAYERS]
    assert complete(shell, "plan", "--env", "dev", "-l", "c") == ["compute", "certificate", "cdn"]


@every_shell
def test_commands_and_options_complete(complete: Any, shell: str) -> None:
    assert complete(shell, "") == list(COMMANDS)
    assert complete(shell, "env", "s") == ["schema", "show"]
    assert complete(shell, "render", "--ch") == ["--check"]


def test_schemas_complete(complete: Any) -> None:
    assert complete("bash", "schema", "env-") == ["env-list", "env-show", "env-diff"]


def test_environments_are_those_of_the_chosen_folder(complete: Any, project: Path) -> None:
    (project / "elsewhere").mkdir()
    (project / "elsewhere" / "qa.yaml").touch()
    assert complete("bash", "plan", "--envs-dir", "elsewhere", "--env", "") == ["qa"]


def test_without_a_folder_there_is_nothing_to_complete(complete: Any, project: Path) -> None:
    shutil.rmtree(project / "envs")
    assert complete("bash", "plan", "--env", "") == [""]


def test_behind_a_word_that_is_no_command_nothing_goes_wrong(complete: Any) -> None:
    assert complete("bash", "rendr", "--che") == [""]


@pytest.mark.parametrize(
    ("shell", "registers"),
    [
        ("bash", "complete -o nosort -F _tapgen_completion tapgen"),
        ("zsh", "#compdef tapgen"),
        ("fish", "complete --no-files --command tapgen"),
    ],
)
def test_the_script_of_a_shell(tapgen: Any, shell: str, registers: str) -> None:
    ran = tapgen("completion", shell)
    assert (ran.code, ran.err) == (0, "")
    assert registers in ran.out
    assert f"_TAPGEN_COMPLETE={shell}_complete" in ran.out


def test_bash_accepts_its_script(tapgen: Any) -> None:
    script = tapgen("completion", "bash").out
    assert script.startswith("_tapgen_completion()")
    subprocess.run(["bash", "-n"], input=script, text=True, check=True, timeout=600)


def test_an_unknown_shell_is_wrong_usage(tapgen: Any) -> None:
    assert tapgen("completion", "tcsh").code == 2


def test_zsh_completes_also_where_it_was_started_without_compinit(tapgen: Any) -> None:
    script = tapgen("completion", "zsh").out
    mark, rest = script.split("\n", 1)
    assert mark == "#compdef tapgen"  # an autoloader looks for it in the first line
    begins = rest.index("(( ! $+functions[compdef] ))")
    assert begins < rest.index("autoload -Uz compinit && compinit") < rest.index("compdef _tapgen")
    assert "compinit" not in tapgen("completion", "bash").out


@pytest.mark.skipif(not shutil.which("zsh"), reason="needs zsh")
def test_zsh_registers_it_without_compinit(tapgen: Any) -> None:
    script = tapgen("completion", "zsh").out
    registered = subprocess.run(
        ["zsh", "-f", "-c", 'eval "$(cat)"; echo $_comps[tapgen]'],
        input=script,
        text=True,
        check=True,
        capture_output=True,
        timeout=600,
    )
    assert (registered.stdout, registered.stderr) == ("_tapgen_completion\n", "")


@pytest.mark.skipif(not shutil.which("fish"), reason="needs fish")
def test_fish_completes_with_its_script(tapgen: Any, project: Path) -> None:
    program = project / "tapgen"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m tapgen "$@"\n')
    program.chmod(0o755)
    ran = subprocess.run(
        ["fish", "--no-config", "-c", 'source -; complete -C "tapgen deploy s"'],
        input=tapgen("completion", "fish").out,
        text=True,
        check=True,
        capture_output=True,
        timeout=600,
        env={**os.environ, "PATH": f"{project}:{os.environ['PATH']}", "HOME": str(project)},
    )
    assert ran.stdout == "staging\n"
