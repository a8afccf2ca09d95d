"""The secret of a Cognito app client, for the one moment in which a token is asked for."""

from __future__ import annotations

from tapgen.aws.errors import explained
from tapgen.aws.resources.retained import Region


def client_secret(region: Region, user_pool_id: str, client_id: str) -> str:
    """What the app client proves itself with; whoever calls keeps it in memory only.

    Raises `TapgenError` when Cognito does not tell.
    """
    with explained(f"reading app client {client_id} of {user_pool_id}"):
        found = region.client("cognito-idp").describe_user_pool_client(
            UserPoolId=user_pool_id, ClientId=client_id
        )
        return str(found["UserPoolClient"]["ClientSecret"])
