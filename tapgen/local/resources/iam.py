"""IAM roles: the permission boundary."""

from __future__ import annotations

from tapgen.local.caller import call
from tapgen.local.provisioner import Extension, Properties, changed

_BOUNDARY = "PermissionsBoundary"


def _apply(role: str, old: Properties, new: Properties) -> None:
    if not changed(old, new, _BOUNDARY):
        return
    if _BOUNDARY in new:
        call("iam", "PutRolePermissionsBoundary", RoleName=role, PermissionsBoundary=new[_BOUNDARY])
    else:
        call("iam", "DeleteRolePermissionsBoundary", RoleName=role)


PROVISIONERS = (Extension(type="AWS::IAM::Role", apply=_apply),)
