"""A local AWS that plays the real one: it enforces IAM, and is asked by the very same program."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tapgen.local import client
from tests.behaviour.run import Run
from tests.conftest import unwatch
from tests.proof.__main__ import ENDPOINT, PROJECT
from tests.waiting import PATIENCE_SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tapgen.local.client import LocalAws

_accounts = itertools.count(600_000_000_001)


@dataclass(frozen=True)
class Stage:
    """An empty account, and the folder in which runs against it are kept."""

    local: LocalAws
    project: Path
    account: str

    @property
    def runs(self) -> Path:
        return self.project / ".tapgen" / "test-aws"

    @property
    def variables(self) -> dict[str, str]:
        """What makes `make test-aws` ask here instead of AWS."""
        return {ENDPOINT: self.local.endpoint_url, PROJECT: str(self.project)}

    def begin(self) -> Run:
        return Run.begin(
            self.runs,
            self.account,
            "us-east-1",
            endpoint=self.local.endpoint_url,
            project=self.project,
        )


@pytest.fixture(scope="session")
def enforcing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[LocalAws, Path]]:
    project = tmp_path_factory.mktemp("proof")
    with pytest.MonkeyPatch.context() as patch:
        unwatch(patch)
        started = client.start(project, enforce_iam=True, timeout=PATIENCE_SECONDS)
    yield started, project
    client.stop(project)


@pytest.fixture
def stage(enforcing: tuple[LocalAws, Path], monkeypatch: pytest.MonkeyPatch) -> Stage:
    stage = Stage(*enforcing, str(next(_accounts)))
    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    for name, value in stage.variables.items():
        monkeypatch.setenv(name, value)
    return stage
