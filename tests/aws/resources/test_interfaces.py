"""Interfaces of functions; tests/deploy/stack has them found and deleted in the local AWS."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from botocore.stub import Stubber

from tapgen.aws.resources.interfaces import Interface, delete
from tapgen.aws.resources.retained import Region
from tapgen.errors import TapgenError

if TYPE_CHECKING:
    from tapgen.aws.account import Account


def test_what_changed_since_the_look_is_no_error(account: Account) -> None:
    region = Region(account, "us-east-1")
    one = Interface("eni-1", "lab-payer-1", available=True)
    with Stubber(region.client("ec2")) as aws:
        aws.add_client_error("delete_network_interface", "InvalidNetworkInterfaceID.NotFound", "")
        aws.add_client_error("delete_network_interface", "InvalidParameterValue", "in use")
        assert not delete(region, one)
        assert not delete(region, one)
        aws.add_client_error("delete_network_interface", "UnauthorizedOperation", "no")
        with pytest.raises(TapgenError, match="deleting network interface eni-1"):
            delete(region, one)
        aws.add_response("delete_network_interface", {})
        assert delete(region, one)
