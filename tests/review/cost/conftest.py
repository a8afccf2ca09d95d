"""Stacks of resources that say nothing but their type."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tapgen.model.stack import Stack
from tests.small_stacks import MakeStack, MakeTemplate

Stacked = Callable[..., Stack]


@pytest.fixture
def stack(make_stack: MakeStack, make_template: MakeTemplate) -> Stacked:
    """`stack("AWS::IAM::Role", region="us-east-1")` has a resource of each type."""

    def make(*types: str, region: str = "us-east-1") -> Stack:
        resources = {f"R{number}": kind for number, kind in enumerate(types)}
        return make_stack(template=make_template(**resources), region=region)

    return make
