"""Cognito: stacks cannot delete protected user pools either, and some changes are refused."""

from __future__ import annotations

from tapgen.local.caller import call
from tapgen.local.provisioner import Extension, Properties, changed

_FIXED = ("AliasAttributes", "UsernameAttributes")


def _delete_pool(identifier: str, _properties: Properties) -> None:
    call("cognito-idp", "DeleteUserPool", UserPoolId=identifier)


def _check(old: Properties, new: Properties) -> None:
    """Refuse changes of sign-in attributes (Cognito guide), although the schema allows them.

    Attributes can only be added (CloudFormation user guide, AWS::Cognito::UserPool, Schema).
    """
    for name in _FIXED:
        if old and changed(old, new, name):
            raise ValueError(f"Updates are not allowed for property - {name}.")
    after = {attribute.get("Name"): attribute for attribute in new.get("Schema", [])}
    if any(after.get(one.get("Name")) != one for one in old.get("Schema", [])):
        raise ValueError("Existing schema attributes cannot be modified or deleted.")


PROVISIONERS = (Extension(type="AWS::Cognito::UserPool", check=_check, delete=_delete_pool),)
