"""Asks the local AWS how AWS behaves, or a real account where a run of `make test-aws` says so."""

from __future__ import annotations

import itertools
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tapgen.local import client
from tests.behaviour import facts, removal
from tests.behaviour.account import Aws
from tests.behaviour.ledger import Ledger
from tests.behaviour.run import PREFIX, Run
from tests.conftest import SESSION
from tests.waiting import PATIENCE_SECONDS

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from tapgen.local.client import LocalAws

_HERE = Path(__file__).parent
_accounts = itertools.count(300_000_000_001)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent != _HERE:
            continue
        if facts.fact_of(item) is None:
            raise pytest.UsageError(f"{item.nodeid} does not say how its fact is known")
        if Run.current() is None and (why := facts.unlike(item)):
            item.add_marker(pytest.mark.xfail(reason=why, raises=AssertionError))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Keep what AWS answered, where it is AWS that is asked."""
    report = yield
    run, fact = Run.current(), facts.fact_of(item)
    if run and fact and (report.when == "call" or report.failed):
        run.note(facts.record(item, fact, report), _part())
    return report


def _part() -> str:
    """The worker of pytest-xdist."""
    return os.environ.get("PYTEST_XDIST_WORKER", "")


@pytest.fixture(scope="session")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    """The local AWS of these tests; coverage sees it."""
    project = tmp_path_factory.mktemp("behaviour")
    yield client.start(project, enforce_iam=True, timeout=PATIENCE_SECONDS)
    client.stop(project)


@pytest.fixture(scope="session")
def real() -> Aws | None:
    """The account that the run is about; None where there is no run."""
    run = Run.current()
    return run.aws(_part()) if run else None


@pytest.fixture
def aws(request: pytest.FixtureRequest, real: Aws | None) -> Iterator[Aws]:
    """An account to ask; what a test makes in it is gone afterwards."""
    aws = real or _local_account(request.getfixturevalue("local"))
    yield aws
    assert removal.clean(aws.ledger, aws.client, aws.pause) == []


def _local_account(local: LocalAws) -> Aws:
    account = str(next(_accounts))
    keys = {"aws_access_key_id": account, "aws_secret_access_key": "local"}
    return Aws(SESSION, account, "us-east-1", PREFIX, Ledger(), local.endpoint_url, keys)
