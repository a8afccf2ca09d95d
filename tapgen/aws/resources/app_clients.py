"""The secret of a Cognito app client, which is needed only to request a token."""

from __future__ import annotations

from tapgen.aws.errors import explained
from tapgen.aws.resources.retained import Region


def client_secret(region: Region, user_pool_id: str, client_id: str) -> str:
    """The secret of the app client; callers keep it only in memory.

    Raises `TapgenError` if Cognito does not return it.
    """
    with explained(f"reading app client {client_id} of {user_pool_id}"):
        found = region.client("cognito-idp").describe_user_pool_client(
            UserPoolId=user_pool_id, ClientId=client_id
        )
        return str(found["UserPoolClient"]["ClientSecret"])
