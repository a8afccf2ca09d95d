"""Published versions of a function, behind an alias that callers use.

A version is a frozen copy of code and configuration. CloudFormation publishes a new one only if a
create-only property of `AWS::Lambda::Version` changes, and Lambda refuses to publish if the
function itself has not changed. One text solves both: a fingerprint of everything in a version,
used as the description of the function and of its version. It consists of

- a hash of the function in the template, which changes with the template, and
- the values of its parameters, which change with the environment.

The previous version is retained: running requests can finish, and in an emergency the alias can be
moved back by hand.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from troposphere import GetAtt, Join, Ref
from troposphere.awslambda import Alias, EventInvokeConfig, Function, Version

from tapgen.payments.layers.blueprint import Blueprint

ALIAS: Final = "live"
_DIGEST_LENGTH: Final = 12
_HOUR: Final = 3600


def fingerprint(function: Function, values: Sequence[Any], names: Sequence[str]) -> Join:
    """The fingerprint of a version. `names` are constants in parameters, such as table names."""
    frozen = json.dumps([function.to_dict(), sorted(names)], sort_keys=True)
    digest = hashlib.sha256(frozen.encode()).hexdigest()[:_DIGEST_LENGTH]
    return Join(" ", [digest, *values])


class Published(NamedTuple):
    """A function and its published version."""

    function: Function
    version: Version


def add_version(
    blueprint: Blueprint, title: str, function: Function, description: Join
) -> Published:
    """Add the published version of a function."""
    version = blueprint.add(
        Version(
            f"{title}Version",
            FunctionName=Ref(function),
            Description=description,
            DeletionPolicy="Delete",  # versions are deleted with their function
            UpdateReplacePolicy="Retain",
        )
    )
    return Published(function, version)


def add_alias(blueprint: Blueprint, title: str, published: Published, policy: Any) -> Ref:
    """Add the alias of a version, which an update policy moves. Returns the alias's ARN.

    Also adds its asynchronous behaviour.
    """
    alias = blueprint.add(
        Alias(
            f"{title}Alias",
            Name=ALIAS,
            FunctionName=Ref(published.function),
            FunctionVersion=GetAtt(published.version, "Version"),
            UpdatePolicy=policy,
        )
    )
    blueprint.add(
        EventInvokeConfig(
            f"{title}EventInvokeConfig",
            DependsOn=alias.title,
            FunctionName=Ref(published.function),
            Qualifier=ALIAS,
            MaximumRetryAttempts=2,  # afterwards, the event goes to the dead-letter queue
            MaximumEventAgeInSeconds=_HOUR,
        )
    )
    return Ref(alias)
