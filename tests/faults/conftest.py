"""Disturbed deployments: a world of its own for each test, and a proxy to disturb it through."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

from tests.faults.proxy import Proxy
from tests.faults.world import World, hurried

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.local.client import LocalAws

accounts = itertools.count(600_000_000_001)


@pytest.fixture(autouse=True)
def hurry() -> Iterator[None]:
    with hurried():
        yield


@pytest.fixture
def proxy(local_aws: LocalAws) -> Iterator[Proxy]:
    with Proxy(local_aws.endpoint_url) as running:
        yield running


@pytest.fixture
def world(local_aws: LocalAws) -> World:
    return World(local_aws, str(next(accounts)))
