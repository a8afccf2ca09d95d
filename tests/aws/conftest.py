"""An account of the local AWS for each test, and the region's clients."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

from tapgen.aws.account import Account, Connection

if TYPE_CHECKING:
    from tapgen.local.client import LocalAws

_accounts = itertools.count(800_000_000_001)


@pytest.fixture
def account(local_aws: LocalAws) -> Account:
    connection = Connection(endpoint_url=local_aws.endpoint_url, local=True)
    return Account(str(next(_accounts)), connection)
