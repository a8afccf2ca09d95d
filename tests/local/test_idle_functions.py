"""A function that nobody has called for weeks fails its first call, and comes back by that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tapgen.local import client
from tests.local.test_interfaces import make_function
from tests.waiting import wait_until

if TYPE_CHECKING:
    from tests.local.conftest import Account


def state(account: Account, name: str) -> dict[str, Any]:
    functions = account.client("lambda")
    before, told, after = (
        functions.get_function_configuration(FunctionName=name),
        functions.get_function(FunctionName=name)["Configuration"],
        functions.get_function_configuration(FunctionName=name),
    )
    # It may become another between two of them.
    configuration = {key: value for key, value in after.items() if key != "ResponseMetadata"}
    assert told in (configuration, {key: before.get(key) for key in configuration})
    return configuration


def refused(account: Account, name: str) -> str:
    with pytest.raises(ClientError) as error:
        account.client("lambda").invoke(FunctionName=name)
    assert error.value.response["Error"]["Code"] == "ResourceConflictException"
    return error.value.response["Error"]["Message"]


def test_the_first_call_of_an_idle_function_brings_it_back(account: Account) -> None:
    make_function(account, "rare", {"SubnetIds": [], "SecurityGroupIds": []})
    make_function(account, "busy", {"SubnetIds": [], "SecurityGroupIds": []})
    functions = account.client("lambda")
    client.inject(account.local, {"idle": ["rare", "absent"]})
    try:
        assert (state(account, "rare")["State"], state(account, "rare")["StateReasonCode"]) == (
            "Inactive",
            "Idle",
        )
        assert functions.invoke(FunctionName="busy")["StatusCode"] == 200
        assert refused(account, "rare").endswith("in the following state: Inactive")
        assert refused(account, "rare").endswith("in the following state: Pending")
        wait_until(lambda: state(account, "rare")["State"] == "Active")
        assert functions.invoke(FunctionName="rare")["StatusCode"] == 200
        client.inject(account.local, {})
        assert state(account, "rare")["State"] == "Active"
        client.inject(account.local, {"idle": ["rare"]})  # some weeks later
        assert state(account, "rare")["State"] == "Inactive"
    finally:
        client.inject(account.local, {})
