"""OpenID Connect identity providers of an account: at most one for each address."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tapgen.aws.errors import explained
from tapgen.aws.resources.retained import Region


@dataclass(frozen=True)
class IdentityProvider:
    """A provider by its ARN; `audiences` are those that it accepts in tokens."""

    arn: str
    audiences: Sequence[str]


def identity_provider(region: Region, issuer: str) -> IdentityProvider | None:
    """The provider for an address without "https://"; None if the account has none.

    The address is the end of the ARN (IAM API reference, CreateOpenIDConnectProvider).
    """
    with explained("reading the identity providers of the account"):
        client = region.client("iam")
        listed = client.list_open_id_connect_providers()["OpenIDConnectProviderList"]
        for arn in (one["Arn"] for one in listed):
            if arn.endswith(f":oidc-provider/{issuer}"):
                found = client.get_open_id_connect_provider(OpenIDConnectProviderArn=arn)
                return IdentityProvider(arn, found.get("ClientIDList", []))
    return None
