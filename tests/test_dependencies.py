"""The lock files are complete, hashed, and what is asked for."""

from __future__ import annotations

import configparser
import re
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.paths import ROOT

LOCKED = re.compile(
    r"^(?P<name>[a-z0-9.-]+)==(?P<version>[^ \\]+)[^\\\n]*(?P<hashes>(\\\n.*)*)", re.MULTILINE
)


PEERS = "benchmarks/peers/locks"
LOCK_FILES = (
    "requirements.lock",
    ".ci/checkov.lock",
    f"{PEERS}/sceptre.lock",
    f"{PEERS}/cfngin.lock",
    f"{PEERS}/awscli.lock",
)


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


@pytest.mark.parametrize("file", LOCK_FILES[1:])
def test_what_stands_apart_asks_for_is_locked(file: str) -> None:
    for line in (ROOT / file).with_suffix(".in").read_text().splitlines():
        requirement = Requirement(line)
        assert requirement.specifier.contains(locked(file)[requirement.name][0])


@pytest.mark.parametrize("file", LOCK_FILES)
def test_every_locked_version_has_hashes(file: str) -> None:
    versions = locked(file)
    source = (ROOT / file).with_suffix(".in")
    asked = source.read_text().splitlines() if source.exists() else asked_for()
    assert len(versions) > len(asked)  # with what those need themselves
    assert [name for name, (_, hashes) in versions.items() if not hashes] == []


@pytest.mark.parametrize("file", LOCK_FILES)
def test_the_lock_file_names_no_place_to_download_from(file: str) -> None:
    assert "://" not in (ROOT / file).read_text()


@pytest.mark.parametrize("workflow", sorted((ROOT / ".github" / "workflows").glob("*.yml")))
def test_workflows_pin_their_actions_and_ask_for_few_rights(workflow: Path) -> None:
    text = workflow.read_text()
    actions = re.findall(r"uses: (\S+)", text)
    assert actions == [name for name in actions if re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", name)]
    assert re.search(r"^permissions:( \{\}|\n  contents: read)$", text, re.MULTILINE)
    assert text.count("actions/checkout@") == text.count("persist-credentials: false")
    assert "pull_request_target" not in text


@pytest.mark.parametrize("workflow", sorted((ROOT / ".github" / "workflows").glob("*.yml")))
def test_workflows_install_nothing_that_is_not_pinned(workflow: Path) -> None:
    for line in re.findall(r"pip install (.*)", workflow.read_text()):
        hashed = line.startswith("--require-hashes --requirement ")
        own = line.startswith("--no-deps ")
        assert hashed or own or re.fullmatch(r"[\w-]+==[\d.]+", line), line
