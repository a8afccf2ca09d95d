"""OpenID Connect: STS's checks of a token, before the role's trust policy is evaluated."""

from __future__ import annotations

import time
from typing import Any

from ministack.services import iam, sts


def know_tokens() -> None:
    """Check tokens as STS does, and support the audiences of providers."""
    _refuse_strangers()
    _know_audiences()


def _refuse_strangers() -> None:
    """Refuse tokens with an unknown provider, for other audiences, or expired ones.

    STS API reference, AssumeRoleWithWebIdentity, Errors. Users report the messages
    (https://github.com/aws-actions/configure-aws-credentials/issues/721, and 775 for audiences).
    A token's signature is not checked here.
    """
    trusts = sts._web_identity_trust_denied

    def denied(role: str, request: dict[str, Any], use_json: bool) -> Any:
        return _refusal(role, request) or trusts(role, request, use_json)

    sts._web_identity_trust_denied = denied


def _know_audiences() -> None:
    """Support changing a provider's audiences, for which MiniStack has no actions."""
    iam._IAM_HANDLERS["AddClientIDToOpenIDConnectProvider"] = _add_audience
    iam._IAM_HANDLERS["RemoveClientIDFromOpenIDConnectProvider"] = _remove_audience


def _refusal(role: str, request: dict[str, Any]) -> Any:
    from ministack.services.cognito import _decode_id_token_unverified

    token = sts._p(request, "WebIdentityToken")
    provider, keys = sts._web_identity_principal(token, "", role)
    host = provider.partition(":oidc-provider/")[2]
    found = iam._oidc_providers.get_scoped(role.split(":")[4], None, provider)
    if found is None:
        return _error(
            "InvalidIdentityToken",
            f"No OpenIDConnect provider found in your account for https://{host}",
        )
    if keys.get(f"{host}:aud") not in found["ClientIDList"]:
        return _error("InvalidIdentityToken", "Incorrect token audience")
    ends = _decode_id_token_unverified(token).get("exp", 0)
    if ends <= time.time():
        return _error(
            "ExpiredTokenException",
            f"Token expired: current date/time {time.time():.0f} must be before the expiration "
            f"date/time {ends}",
        )
    return None


def _error(code: str, message: str) -> Any:
    return sts._error(400, code, message, ns="sts")


def _add_audience(request: dict[str, Any]) -> Any:
    return _changed(request, "AddClientIDToOpenIDConnectProvider", keep=True)


def _remove_audience(request: dict[str, Any]) -> Any:
    return _changed(request, "RemoveClientIDFromOpenIDConnectProvider", keep=False)


def _changed(request: dict[str, Any], action: str, *, keep: bool) -> Any:
    arn, client = (iam._p(request, name) for name in ("OpenIDConnectProviderArn", "ClientID"))
    found = iam._oidc_providers.get(arn)
    if found is None:
        return iam._error(404, "NoSuchEntity", f"OIDC provider {arn} not found.", ns="iam")
    others = [one for one in found["ClientIDList"] if one != client]
    found["ClientIDList"] = [*others, client] if keep else others
    return iam._xml(200, f"{action}Response", "", ns="iam")
