"""Cognito: a stack deletes a user pool as anybody does, or does not get to."""

from __future__ import annotations

from tapgen.local.caller import call
from tapgen.local.provisioner import Extension, Properties, changed

_FIXED = ("AliasAttributes", "UsernameAttributes")


def _delete_pool(identifier: str, _properties: Properties) -> None:
    call("cognito-idp", "DeleteUserPool", UserPoolId=identifier)


def _check(old: Properties, new: Properties) -> None:
    """Fixed for ever (Cognito guide, "Sign-in attributes"), though the schema says otherwise.

    Attributes are only added (CloudFormation user guide, AWS::Cognito::UserPool, Schema).
    """
    for name in _FIXED:
        if old and changed(old, new, name):
            raise ValueError(f"Updates are not allowed for property - {name}.")
    after = {attribute.get("Name"): attribute for attribute in new.get("Schema", [])}
    if any(after.get(one.get("Name")) != one for one in old.get("Schema", [])):
        raise ValueError("Existing schema attributes cannot be modified or deleted.")


PROVISIONERS = (Extension(type="AWS::Cognito::UserPool", check=_check, delete=_delete_pool),)
