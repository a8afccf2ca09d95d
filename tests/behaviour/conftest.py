"""Asks the local AWS how AWS behaves, or a real account where a run of `make test-aws` says so."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import pytest

from tapgen.local import client
from tests.behaviour import facts, removal
from tests.behaviour.account import Aws
from tests.behaviour.ledger import Ledger
from tests.waiting import PATIENCE_SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.local.client import LocalAws

_HERE = Path(__file__).parent
_accounts = itertools.count(300_000_000_001)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent != _HERE:
            continue
        if facts.fact_of(item) is None:
            raise pytest.UsageError(f"{item.nodeid} does not say how its fact is known")
        if mark := item.get_closest_marker(facts.UNLIKE):
            item.add_marker(pytest.mark.xfail(reason=mark.args[0]))


@pytest.fixture(scope="session")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    """The local AWS of these tests; coverage sees it."""
    project = tmp_path_factory.mktemp("behaviour")
    yield client.start(project, timeout=PATIENCE_SECONDS)
    client.stop(project)


@pytest.fixture
def aws(local: LocalAws) -> Iterator[Aws]:
    """An account to ask; what a test makes in it is gone afterwards."""
    account = str(next(_accounts))
    session = boto3.session.Session(aws_access_key_id=account, aws_secret_access_key="local")
    aws = Aws(session, account, "us-east-1", "tapgen-test", Ledger(), local.endpoint_url)
    yield aws
    assert removal.clean(aws.ledger, aws.client, aws.pause) == []
