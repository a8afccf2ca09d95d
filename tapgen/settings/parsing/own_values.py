"""Why a setting has to have a value of its own, where it cannot be another environment's output."""

from __future__ import annotations

from typing import Final

from tapgen.settings.fields import Field

_NAMES: Final = "names of stacks and resources begin with it"
_PLACE: Final = "it says where stacks are, so it has to be known before AWS is asked"
_OPTION: Final = "it is an option of the deployment, which no stack file shows"
_REASONS: Final = {
    "name": "it is what the file is called",
    "project": _NAMES,
    "stack_prefix": _NAMES,
    "account_id": _PLACE,
    "region": _PLACE,
    "domain": "it decides which layers there are",
    "cost_center": "it is a tag of every stack, and reviewed as one",
    "network.cidr": "ranges of environments are compared before anything is deployed",
    "deployment.role_arn": _OPTION,
    "deployment.notification_arn": _OPTION,
    "deployment.permission_boundary": "it bounds what whoever deploys may do, and is reviewed",
    "deployment.promoted_from": "it names an environment itself",
}
_KINDS: Final = {
    "flag": "outputs are text, and this is true or false",
    "whole": "outputs are text, and this is a number that is checked with others",
    "list": "outputs are text, and this is a list",
    "text": "it takes one of few values, which are reviewed",
}


def why_not(field: Field) -> str:
    """The reason, and what to do instead."""
    return f"{_REASONS.get(field.setting, _KINDS[field.kind])}: write the value itself"
