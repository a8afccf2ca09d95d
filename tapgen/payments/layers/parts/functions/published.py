"""Published versions of a function, behind an alias that callers use.

A version is a frozen copy of code and configuration. CloudFormation publishes another one only when
a create-only property of `AWS::Lambda::Version` changes, and Lambda refuses to publish when the
function itself did not change. One text settles both: a fingerprint of everything that a version
freezes, which is the description of the function and of its version. It consists of

- a hash of the function as the template describes it, which changes with the template, and
- the values that parameters give it, which change with the environment.

An older version is retained when a newer one takes its place: requests that are still running on it
end in peace, and the alias can be pointed back by hand in an emergency.
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
    """What tells versions apart. `names` are constants behind a parameter, such as table names."""
    frozen = json.dumps([function.to_dict(), sorted(names)], sort_keys=True)
    digest = hashlib.sha256(frozen.encode()).hexdigest()[:_DIGEST_LENGTH]
    return Join(" ", [digest, *values])


class Published(NamedTuple):
    """A function, and the version that is published of it."""

    function: Function
    version: Version


def add_version(
    blueprint: Blueprint, title: str, function: Function, description: Join
) -> Published:
    """Add the version that is published of a function."""
    version = blueprint.add(
        Version(
            f"{title}Version",
            FunctionName=Ref(function),
            Description=description,
            DeletionPolicy="Delete",  # versions go with their function
            UpdateReplacePolicy="Retain",
        )
    )
    return Published(function, version)


def add_alias(blueprint: Blueprint, title: str, published: Published, policy: Any) -> Ref:
    """Add the alias of a version, moved by an update policy; gives the ARN of the alias.

    Its asynchronous behaviour comes with it.
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
            MaximumRetryAttempts=2,  # the event goes to the dead-letter queue after that
            MaximumEventAgeInSeconds=_HOUR,
        )
    )
    return Ref(alias)
