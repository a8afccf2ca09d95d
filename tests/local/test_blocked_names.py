"""How long names of deleted things are blocked here (`tests/behaviour` has what AWS does)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.local import client
from tapgen.local.minutes import shortened

if TYPE_CHECKING:
    from tests.local.conftest import Account


def test_a_minute_is_a_second() -> None:
    assert shortened(30) == 0.5


def test_a_name_that_cloudformation_makes_up_is_never_blocked(account: Account) -> None:
    note = {"Note": {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": "a"}}}
    for _ in range(2):
        assert account.deploy("notes", note)["StackStatus"] == "CREATE_COMPLETE"
        account.delete("notes")


def test_nothing_is_blocked_in_an_aws_that_was_emptied(account: Account) -> None:
    ssm = account.client("ssm")
    ssm.put_parameter(Name="lock", Type="String", Value="ours")
    ssm.delete_parameter(Name="lock")
    client.reset(account.local)
    assert ssm.put_parameter(Name="lock", Type="String", Value="ours")["Version"] == 1
