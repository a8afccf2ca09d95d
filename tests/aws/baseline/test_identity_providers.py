"""Which identity provider an account has, by its address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.aws.baseline.identity_providers import IdentityProvider, identity_provider
from tapgen.aws.resources.retained import Region

if TYPE_CHECKING:
    from tapgen.aws.account import Account


def test_it_is_found_by_its_whole_address(account: Account) -> None:
    iam = account.client("iam", "us-east-1")
    made = iam.create_open_id_connect_provider(
        Url="https://ci.example.com/a", ClientIDList=["one", "two"]
    )
    region = Region(account, "us-east-1")
    found = identity_provider(region, "ci.example.com/a")
    assert found == IdentityProvider(made["OpenIDConnectProviderArn"], ["one", "two"])
    assert identity_provider(region, "ci.example.com") is None
    assert identity_provider(region, "example.com/a") is None
