"""The lock files are complete, hashed, what is asked for, and installed as they are."""

from __future__ import annotations

import configparser
import re
import shlex
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement

from benchmarks.peers import installation
from tests.installing.commands import commands, faults
from tests.paths import ROOT

LOCKED = re.compile(
    r"^(?P<name>[a-z0-9.-]+)==(?P<version>[^ \\]+)[^\\\n]*(?P<hashes>(\\\n.*)*)", re.MULTILINE
)


APART = sorted(
    str(source.relative_to(ROOT).with_suffix(".lock"))
    for folder in (".ci", "benchmarks/peers/locks")
    for source in (ROOT / folder).glob("*.in")
)
LOCK_FILES = ("requirements.lock", *APART)
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
ACTIONS = sorted((ROOT / ".github" / "actions").glob("*/action.yml"))
SCRIPTS = [
    ROOT / "Makefile",
    ROOT / ".ci" / "run",
    ROOT / ".ci" / "later",
    *ROOT.glob(".devcontainer/*"),
    *WORKFLOWS,
    *ACTIONS,
]
DOCS = [*ROOT.glob("*.md"), *sorted((ROOT / "docs").glob("*.md"))]


def locked(file: str = "requirements.lock") -> dict[str, tuple[str, int]]:
    """Name -> (version, number of hashes)."""
    text = (ROOT / file).read_text()
    return {
        found["name"]: (found["version"], found["hashes"].count("--hash=sha256:"))
        for found in LOCKED.finditer(text)
    }


def asked_for() -> list[str]:
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    extras = setup["options.extras_require"]
    lines = setup["options"]["install_requires"] + extras["dev"]
    return sorted({line for line in lines.splitlines() if line})


@pytest.mark.parametrize("line", asked_for())
def test_the_lock_file_has_what_setup_cfg_asks_for(line: str) -> None:
    requirement = Requirement(line)
    name = re.sub(r"[-_.]+", "-", requirement.name).lower()
    version, _ = locked().get(name, ("", 0))
    assert version, f"{name} is missing: run `make lock` and commit requirements.lock"
    assert requirement.specifier.contains(version), f"{name}=={version}: run `make lock`"


def test_every_lock_has_a_source_that_make_lock_finds() -> None:
    locks = {path.relative_to(ROOT) for path in ROOT.glob(".ci/*.lock")}
    locks |= {path.relative_to(ROOT) for path in ROOT.glob("benchmarks/peers/locks/*.lock")}
    assert {str(lock) for lock in locks} == set(APART)
    assert ".ci/checkov.lock" in APART


@pytest.mark.parametrize("file", APART)
def test_what_stands_apart_asks_for_is_locked(file: str) -> None:
    for line in (ROOT / file).with_suffix(".in").read_text().splitlines():
        requirement = Requirement(line)
        assert requirement.specifier.contains(locked(file)[requirement.name][0])


@pytest.mark.parametrize("file", LOCK_FILES)
def test_every_locked_version_has_hashes(file: str) -> None:
    versions = locked(file)
    source = (ROOT / file).with_suffix(".in")
    asked = source.read_text().splitlines() if source.exists() else asked_for()
    assert len(versions) >= len(asked)  # and what those need themselves
    assert [name for name, (_, hashes) in versions.items() if not hashes] == []


@pytest.mark.parametrize("file", LOCK_FILES)
def test_the_lock_file_names_no_place_to_download_from(file: str) -> None:
    assert "://" not in (ROOT / file).read_text()


# The newest pip is tried every week, so it cannot be pinned.
NEWEST_PIP = "python -m pip install --upgrade pip: not from a lock"


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_a_lock_is_installed_as_it_is_and_checked(script: Path) -> None:
    found = [fault for fault in faults(script.read_text()) if not fault.endswith(NEWEST_PIP)]
    assert found == []


def test_the_newest_pip_is_asked_for_in_one_place() -> None:
    every = [fault for script in SCRIPTS for fault in faults(script.read_text())]
    assert [fault.endswith(NEWEST_PIP) for fault in every] == [True]


@pytest.mark.parametrize("page", DOCS, ids=lambda path: path.name)
def test_the_docs_install_a_lock_as_it_is(page: Path) -> None:
    assert faults(page.read_text(), docs=True) == []


def test_installs_are_seen_where_they_are() -> None:
    """The reader above would find nothing wrong where it finds no command."""

    def seen(path: str) -> int:
        every = commands((ROOT / path).read_text())
        return sum("install" in command and ".lock" in command for command in every)

    assert seen(".github/workflows/ci.yml") == 1
    assert seen(".github/actions/tapgen/action.yml") == 1
    recipes = "\n".join(commands((ROOT / "Makefile").read_text()))
    locked = "-m pip install --quiet --disable-pip-version-check --no-deps"
    assert f".venv/bin/python {locked}" in recipes
    assert f".tools/$*/bin/python {locked}" in recipes


def test_the_peers_are_installed_as_locked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sceptre.lock").touch()
    done: list[str] = []

    def do(arguments: Sequence[str], folder: Path) -> None:
        done.append(shlex.join(arguments))

    monkeypatch.setattr(installation, "do", do)
    installation.pip(tmp_path)
    installation.npm(tmp_path)
    assert [command for command in done if "--requirement sceptre.lock" in command]
    assert faults("\n".join(done)) == []


def test_no_other_program_installs_anything() -> None:
    programs = [*ROOT.glob("tapgen/**/*.py"), *ROOT.glob("benchmarks/**/*.py")]
    calls = [path for path in programs if re.search(r"""["'](pip|npm|uv)["']""", path.read_text())]
    assert calls == [Path(installation.__file__)]


SOUND = "pip install --no-deps --only-binary :all: --require-hashes --requirement a.lock"


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("pip install --require-hashes --requirement a.lock\npip check", 2),
        ("pip install --no-deps --only-binary :all: -r a.lock\npip check", 1),
        (f"{SOUND}", 1),
        (f"env/bin/{SOUND}\npip check", 1),  # another Python
        (f"{SOUND}\n{SOUND}\npip check", 1),
        (f"      - run: python -m {SOUND}\n      - run: pytest", 1),
        (f"\t@bin/python -m {SOUND} \\\n\t\t--quiet\n\t@touch $@", 1),
        ("P := pip install -r\nall:\n\t$(P) a.lock\n\tpip check", 3),
        ("uv pip sync a.lock", 4),
        ("pip --python env install -r a.lock && pip --python env check", 3),
        ("python -m pip install pip-audit==2.10.1", 1),
        ("pip3 install --upgrade pip", 1),
        ("pip install .", 1),
        ("pip install --no-deps .", 1),
        ("npm install", 1),
        ("npx aws-cdk synth", 1),
    ],
)
def test_another_way_to_install_is_found(text: str, wrong: int) -> None:
    assert len(faults(text)) == wrong


@pytest.mark.parametrize(
    "text",
    [
        f"{SOUND}\npip check",
        f"{SOUND} && pip check",
        f"P := {SOUND}\nall:\n\t@env/bin/python -m $(P)\n\t@env/bin/python -m pip check",
        "pip install --no-deps --no-build-isolation .",
        "python -m pip install --no-deps dist/*.whl",
        "# pip install -r a.lock",
        "npm ci",
    ],
)
def test_a_sound_way_to_install_is_let_through(text: str) -> None:
    assert faults(text) == []


def test_the_docs_may_tell_users_how_to_install() -> None:
    assert faults("Run `pip install 'tapgen[local]'`.", docs=True) == []
    assert len(faults("Run `pip install -r requirements.lock`.", docs=True)) == 4


def test_every_lock_that_ci_installs_is_audited() -> None:
    told = subprocess.run(
        ["make", "--dry-run", "audit"], cwd=ROOT, check=True, capture_output=True, timeout=60
    )
    (listed,) = re.findall(r"for lock in ([^;]*);", told.stdout.decode())
    installed = {lock for lock in LOCK_FILES if not lock.startswith("benchmarks/")}
    # An old pip is old on purpose. It installs what a test makes, and what is locked with hashes.
    assert set(listed.split()) == installed - {".ci/pip-old.lock"}
    assert "make audit" in commands((ROOT / ".github/workflows/audit.yml").read_text())


def test_ci_runs_each_python_that_is_promised() -> None:
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    promised = re.findall(r"Python :: (3\.\d+)", setup["metadata"]["classifiers"])
    ci: dict[str, Any] = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text())
    assert ci["jobs"]["test"]["strategy"]["matrix"]["python"] == promised
