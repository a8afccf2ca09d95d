"""The policies of a platform that are the same in every account, with parameters.

They are created like those of one environment (`tapgen.iam.policies`), but for all environments of
the platform at once, with placeholders for the values that differ. Then each placeholder is
replaced with a parameter of the template that contains the policies. A placeholder is as long as
the longest possible value, so a policy that fits here fits in every account.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from tapgen.iam import policies as iam
from tapgen.iam.conditions import RECORD_NAMES_KEY, record_names
from tapgen.iam.policies import Policy, Roles
from tapgen.iam.scope import Scope
from tapgen.model.platform import Platform
from tapgen.model.stack import Stack

# Placeholders, and the parameters that replace them. Lengths are those of `model.limits`, of the
# longest region (ap-northeast-1), of IAM's names of policies (128) and of DNS names (253).
_ACCOUNT: Final = "999999999999"
_REGION: Final = "zz-zzzzzzzzz-9"
_PREFIX: Final = "zz-prefix".ljust(23, "z")
_NAME: Final = "zz-name".ljust(12, "z")
_PROJECT: Final = "zz-project".ljust(12, "z")
_BOUNDARY: Final = "zz-boundary".ljust(128, "z")
_DOMAIN: Final = "zz.domain.".ljust(253, "z")
_PARAMETERS: Final = {
    _ACCOUNT: "AWS::AccountId",
    _REGION: "AWS::Region",
    _PREFIX: "Prefix",
    _NAME: "EnvironmentName",
    _PROJECT: "Project",
    _BOUNDARY: "BoundaryName",
}
_FILLED: Final = {"prefix": _PREFIX, "name": _NAME, "project": _PROJECT}
_STAND_IN: Final = re.compile("|".join(map(re.escape, _PARAMETERS)))

RECORD_NAMES: Final = "RecordNames"
"""The parameter that lists the names of the environment's own DNS records."""
SERVICE_ROLE: Final = "arn:aws:iam::{}:role/tapgen-{}-cloudformation"
"""The service role of CloudFormation: its ARN, by account and prefix."""


@dataclass(frozen=True)
class Everywhere:
    """The documents of policies with parameters, each filled up to the size limit.

    `review`, `deploy` and `service` are for the roles of these tasks, with a service role for
    CloudFormation. `purge` is for deployers of unprotected environments, in addition to `deploy`.
    `boundary` is the permissions boundary of the platform's roles. `with_records` is whether
    `RECORD_NAMES` occurs.
    """

    review: tuple[Any, ...]
    deploy: tuple[Any, ...]
    service: tuple[Any, ...]
    purge: tuple[Any, ...]
    boundary: Any
    with_records: bool


def everywhere(platform: Platform, environments: Mapping[str, Sequence[Stack]]) -> Everywhere:
    """The policies that all environments of a platform share; `environments` are their stacks.

    Raises `TapgenError` if they are more than roles can have.
    """
    pinned = {layer.name for layer in platform.layers if layer.region}
    stacks = [
        _anonymous(stack, pinned, record_names(Scope(own)))
        for own in environments.values()
        for stack in own
    ]
    # Sizing does not change permissions, so most stacks are the same without it.
    different = list({(one.layer, tuple(one.parameters.items())): one for one in stacks}.values())
    roles = Roles(boundary=_BOUNDARY, service=SERVICE_ROLE.format(_ACCOUNT, _PREFIX))
    made = {
        "review": iam.reviewer(platform, different, roles),
        "deploy": iam.deployer(platform, different, roles),
        "service": iam.service_role(platform, different, roles),
        "purge": iam.purger(platform, different, roles),
    }
    documents = {task: tuple(map(_opened, policies)) for task, policies in made.items()}
    return Everywhere(
        **documents,
        boundary=_opened(iam.boundary(different, roles)),
        with_records=RECORD_NAMES in str(documents),
    )


def _anonymous(stack: Stack, pinned: Iterable[str], domains: Sequence[str]) -> Stack:
    """The stack with placeholders for everything that differs between environments."""

    def value(name: str, given: str) -> str:
        setting = stack.template.settings.get(name, "")
        if setting in _FILLED:
            return _FILLED[setting]
        if setting == "deployment.permission_boundary":
            return _BOUNDARY
        if given.lower().rstrip(".") in domains:
            return _DOMAIN
        return given.replace(stack.prefix, _PREFIX)

    return replace(
        stack,
        name=f"{_PREFIX}-{stack.layer}",
        account_id=_ACCOUNT,
        region=stack.region if stack.layer in pinned else _REGION,
        parameters={name: value(name, given) for name, given in stack.parameters.items()},
        tags={**stack.tags, "Environment": _NAME, "Project": _PROJECT},
        protected=True,
    )


def _opened(policy: Policy) -> Any:
    """The document with parameters in place of the placeholders."""
    return _with_parameters(policy.document)


def _with_parameters(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: {"Ref": RECORD_NAMES} if key == RECORD_NAMES_KEY else _with_parameters(part)
            for key, part in value.items()
        }
    if isinstance(value, list):
        return [_with_parameters(part) for part in value]
    return _text(value) if isinstance(value, str) else value


def _text(value: str) -> Any:
    if value in _PARAMETERS:
        return {"Ref": _PARAMETERS[value]}
    if not _STAND_IN.search(value):
        return value
    escaped = value.replace("${", "${!").replace("arn:aws:", "arn:${AWS::Partition}:")
    return {"Fn::Sub": _STAND_IN.sub(lambda found: f"${{{_PARAMETERS[found[0]]}}}", escaped)}
