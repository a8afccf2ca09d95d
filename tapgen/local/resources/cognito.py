"""Cognito: a stack deletes a user pool as anybody does, or does not get to."""

from __future__ import annotations

from tapgen.local.caller import call
from tapgen.local.provisioner import Extension, Properties


def _delete_pool(identifier: str, _properties: Properties) -> None:
    call("cognito-idp", "DeleteUserPool", UserPoolId=identifier)


PROVISIONERS = (Extension(type="AWS::Cognito::UserPool", delete=_delete_pool),)
