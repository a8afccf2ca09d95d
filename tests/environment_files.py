"""Environment files of the payments platform, to be edited and loaded."""

from __future__ import annotations

import re
import shutil
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from tapgen.payments.platform import PLATFORM
from tapgen.project import outputs_of
from tapgen.settings.faults import EnvironmentFaults
from tapgen.settings.store import load_all
from tests.paths import ROOT

SHIPPED = ROOT / "envs"


def set_apart(path: Path, first: int) -> str:
    """Let an environment live in an account, and under a domain, that no other test has.

    Tests share a local AWS, where a name of CloudFront is unique in the world as it is on AWS. The
    account begins with the digit `first`; it is returned.
    """
    account = f"{first}{zlib.crc32(bytes(path.absolute())):011}"
    text = re.sub(
        r'^account_id: "\d+"', f'account_id: "{account}"', path.read_text(), flags=re.MULTILINE
    )
    path.write_text(
        re.sub(r"^domain: .*$", f"domain: a{account}.example.com", text, flags=re.MULTILINE)
    )
    return account


@pytest.fixture(scope="session")
def shipped() -> Path:
    """The environment files of the repository."""
    return SHIPPED


@pytest.fixture
def envs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the repository's environment files, seen from the directory above it."""
    shutil.copytree(SHIPPED, tmp_path / "envs")
    monkeypatch.chdir(tmp_path)
    return Path("envs")


@pytest.fixture
def edit(envs: Path) -> Callable[[str, str, str], None]:
    """Replace a piece of text that stands exactly once in a file."""

    def replace(name: str, old: str, new: str) -> None:
        path = envs / f"{name}.yaml"
        text = path.read_text()
        assert text.count(old) == 1, f"{old!r} is in {name} {text.count(old)} times"
        path.write_text(text.replace(old, new))

    return replace


@pytest.fixture
def fault_lines(envs: Path) -> Callable[..., list[str]]:
    """The lines of the error that loading everything (or one environment) ends in."""

    def lines(name: str | None = None) -> list[str]:
        try:
            _ = load_all(envs, PLATFORM, [name] if name else None, outputs_of)
        except EnvironmentFaults as error:
            return error.message.splitlines()
        return []

    return lines


@pytest.fixture
def qa(envs: Path) -> Path:
    """A fourth environment: dev copied; name, account, domain and CIDR edited, nothing else."""
    path = envs / "qa.yaml"
    text = (envs / "dev.yaml").read_text()
    for old, new in (
        ("name: dev", "name: qa"),
        ("dev.api.example.com", "qa.api.example.com"),
        ("1" * 12, "4" * 12),
        ("10.10.0.0", "10.40.0.0"),
    ):
        text = text.replace(old, new)
    path.write_text(text)
    return path
