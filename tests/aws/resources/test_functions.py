"""Whether a function can be called, as Lambda says."""

from __future__ import annotations

import pytest
from botocore.stub import Stubber

from tapgen.aws.account import Account, Connection
from tapgen.aws.resources.functions import ACTIVE, function_state
from tapgen.aws.resources.retained import Region
from tapgen.errors import TapgenError

ALIAS = "arn:aws:lambda:us-east-1:111111111111:function:pay:live"


@pytest.fixture
def region() -> Region:
    connection = Connection(endpoint_url="http://127.0.0.1:9", local=True)
    return Region(Account("111111111111", connection), "us-east-1")


@pytest.mark.parametrize(("answer", "state"), [({}, ACTIVE), ({"State": "Inactive"}, "Inactive")])
def test_a_function_says_what_state_it_is_in(
    region: Region, answer: dict[str, str], state: str
) -> None:
    with Stubber(region.client("lambda")) as aws:
        aws.add_response("get_function_configuration", answer, {"FunctionName": ALIAS})
        assert function_state(region, ALIAS) == state


def test_what_is_not_there_has_no_state_and_who_may_not_look_is_told(region: Region) -> None:
    with Stubber(region.client("lambda")) as aws:
        aws.add_client_error("get_function_configuration", "ResourceNotFoundException")
        assert function_state(region, ALIAS) is None
        aws.add_client_error("get_function_configuration", "AccessDeniedException", "not you")
        with pytest.raises(TapgenError, match=r"reading the state of .*: AccessDenied"):
            function_state(region, ALIAS)
