"""CloudFormation with botocore's Stubber in the place of AWS."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from botocore.stub import Stubber

from tapgen.aws.cloudformation.api import CloudFormation

if TYPE_CHECKING:
    from tapgen.aws.account import Account


@pytest.fixture
def cloudformation(account: Account) -> CloudFormation:
    return CloudFormation(account, "us-east-1")


@pytest.fixture
def aws(cloudformation: CloudFormation) -> Iterator[Stubber]:
    with Stubber(cloudformation._client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()
