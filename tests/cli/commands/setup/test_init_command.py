from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tapgen.cli.commands.setup import init
from tapgen.starters import wishes

if TYPE_CHECKING:
    from tests.cli.conftest import Run

ACCOUNTS = ("--account", "dev=111111111111", "--account", "staging=222222222222", "--account",
            "prod=333333333333")  # fmt: skip


@pytest.fixture(autouse=True)
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, with nothing in it."""
    folder = tmp_path / "web-shop"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_command_offers_every_kind() -> None:
    assert tuple(wishes.KINDS) == init.KINDS


def test_a_project_is_begun_in_the_working_folder(empty: Path, tapgen: Run) -> None:
    ran = tapgen("init", *ACCOUNTS)
    assert ran.code == 0
    assert ran.out.splitlines() == [
        f"wrote {len([*filter(Path.is_file, empty.rglob('*'))])} files to this folder: web-shop",
        "  dev in account 111111111111, us-east-1",
        "  staging in account 222222222222, us-east-1",
        "  prod in account 333333333333, us-east-1",
    ]
    assert "cd " not in ran.err
    assert "project: web-shop\n" in (empty / "envs" / "common.yaml").read_text()


@pytest.mark.parametrize("words", [("our place",), ("--project", "our place")])
def test_it_may_be_another_folder(words: tuple[str, ...], empty: Path, tapgen: Run) -> None:
    ran = tapgen("init", *words, *ACCOUNTS, "--project-name", "shop", "--region", "eu-west-1")
    assert ran.code == 0
    assert "  cd 'our place'\n" in ran.err
    common = (empty / "our place" / "envs" / "common.yaml").read_text()
    assert "project: shop\nregion: eu-west-1\n" in common


def test_two_folders_are_wrong_usage(empty: Path, tapgen: Run) -> None:
    ran = tapgen("init", "a", "--project", "b", *ACCOUNTS)
    assert (ran.code, ran.err.splitlines()[0]) == (
        2,
        "error: two folders are given: a, and --project b",
    )
    assert names_in(empty) == []


@pytest.mark.parametrize("option", ["--project-name", "--region"])
def test_an_empty_option_is_no_wish_for_the_default(option: str, empty: Path, tapgen: Run) -> None:
    """`--project-name "$NAME"`, where NAME is not set."""
    ran = tapgen("init", *ACCOUNTS, option, "")
    assert ran.code == 2
    assert ran.err.startswith(f'error: {option}: "" does not fit')
    assert names_in(empty) == []


def test_without_a_terminal_all_accounts_are_named(empty: Path, tapgen: Run) -> None:
    ran = tapgen("init", *ACCOUNTS[:2])
    assert ran.code == 2
    assert ran.err.splitlines()[:2] == [
        "error: --account staging: missing; add --account staging=<12 digits>",
        "--account prod: missing; add --account prod=<12 digits>",
    ]
    assert names_in(empty) == []


def test_an_account_belongs_to_one_environment(empty: Path, tapgen: Run) -> None:
    ran = tapgen("init", "--account", "1", "--account", "dev=1", "--account", "dev=2")
    assert ran.code == 2
    assert ran.err.splitlines()[:2] == [
        "error: --account 1: write ENV=ID, for example dev=111111111111",
        "--account dev=2: dev already has 1",
    ]
    assert names_in(empty) == []


def test_nothing_is_written_over(empty: Path, tapgen: Run) -> None:
    (empty / "README.md").write_text("ours")
    ran = tapgen("init", *ACCOUNTS)
    assert ran.code == 1
    assert ran.err.startswith(
        "error: these files already exist, and tapgen overwrites nothing:\n  README.md\nnext: "
    )
    assert names_in(empty) == ["README.md"]


def test_at_a_terminal_it_asks_until_the_answers_are_right(
    empty: Path, tapgen: Run, terminal: Any
) -> None:
    terminal.type("full\nempty\n\neu-west-9\neu-west-1\n11\n111111111111\n222222222222\n")
    with terminal.attached():
        ran = tapgen("init", "--account", "prod=333333333333")
    assert ran.code == 0
    shown = terminal.shown()
    assert "Project name (prefix of stacks) [web-shop]: " in shown
    assert "Error: choose one of empty" in shown
    assert "Error: there is no region eu-west-9; did you mean eu-west-" in shown
    assert 'Error: "11" does not fit; 12 digits' in shown
    assert "AWS account of prod" not in shown
    assert 'account_id: "111111111111"' in (empty / "envs" / "dev.yaml").read_text()
    assert "region: eu-west-1\n" in (empty / "envs" / "common.yaml").read_text()


def test_networks_are_told_and_may_be_chosen(empty: Path, tapgen: Run) -> None:
    ran = tapgen("init", "--platform", "example", *ACCOUNTS, "--cidr", "prod=10.10.0.0/16")
    assert ran.code == 0
    assert ran.out.splitlines()[1:] == [
        "  dev in account 111111111111, us-east-1, network 10.20.0.0/16",
        "  staging in account 222222222222, us-east-1, network 10.30.0.0/16",
        "  prod in account 333333333333, us-east-1, network 10.10.0.0/16",
    ]
    assert "  cidr: 10.10.0.0/16\n" in (empty / "envs" / "prod.yaml").read_text()
    assert "  cidr: 10.20.0.0/16\n" in (empty / "envs" / "dev.yaml").read_text()


def test_everything_wrong_with_ranges_is_told_at_once(empty: Path, tapgen: Run) -> None:
    ran = tapgen("init", "--account", "1", "--cidr", "10.10.0.0/16")
    assert ran.code == 2
    assert ran.err.splitlines()[:2] == [
        "error: --account 1: write ENV=ID, for example dev=111111111111",
        "--cidr 10.10.0.0/16: write ENV=RANGE, for example dev=10.10.0.0/16",
    ]
    ranges = [word for name in ("dev", "prod") for word in ("--cidr", f"{name}=10.10.0.0/16")]
    ran = tapgen("init", "--platform", "payments", *ACCOUNTS, *ranges, "--cidr", "staging=10.1")
    assert ran.code == 2
    staging, prod = ran.err.splitlines()[:2]
    assert staging.startswith('error: --cidr staging: "10.1" does not fit; a private IPv4 range')
    assert prod.startswith("--cidr prod: 10.10.0.0/16 of prod overlaps 10.10.0.0/16 of dev")
    assert names_in(empty) == []


def test_at_a_terminal_it_asks_for_ranges_with_a_proposal(
    empty: Path, tapgen: Run, terminal: Any
) -> None:
    terminal.type("\n\n\n10.10.0.0/16\n10.77.0.0/16\n")
    with terminal.attached():
        options = ("--platform", "example", *ACCOUNTS, "--cidr", "staging=10.10.0.0/16")
        ran = tapgen("init", *options)
    assert ran.code == 0
    shown = terminal.shown()
    assert "Network of dev [10.20.0.0/16]: " in shown
    assert "Network of prod [10.30.0.0/16]: " in shown
    assert "Network of staging" not in shown
    assert "Error: prod and staging (--cidr staging) have the same range" in shown
    assert "  cidr: 10.20.0.0/16\n" in (empty / "envs" / "dev.yaml").read_text()
    assert "  cidr: 10.77.0.0/16\n" in (empty / "envs" / "prod.yaml").read_text()


@pytest.mark.slow
def test_the_next_commands_work_as_they_stand(empty: Path, tapgen: Run) -> None:
    """All of them, but for those that make a virtual environment: nothing is downloaded here."""
    told = tapgen("init", "shop", *ACCOUNTS).err.splitlines()
    steps = [line.strip() for line in told if line.startswith("  ")]
    left_out = [step for step in steps if "venv" in step or "pip" in step]
    assert left_out == steps[1:3]
    commands = "\n".join(step for step in [*steps, "tapgen local stop"] if step not in left_out)
    environment = {name: value for name, value in os.environ.items() if "PYTEST" not in name}
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    ran = subprocess.run(
        ["bash", "-ec", commands],
        env={**environment, "PATH": path},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert ran.returncode == 0, f"{ran.stdout}\n{ran.stderr}"
    assert "1 template, dev, staging, prod: no findings" in ran.stderr
    assert "5 passed" in ran.stdout
    assert "dev: 1 created" in ran.stderr
