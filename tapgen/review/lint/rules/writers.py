"""A rule about services that write to encrypted resources: they need access to the key.

A deployment succeeds without it, but the log, the message or the alarm never arrives, and nobody
is notified.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any, Final, NamedTuple

from tapgen.model.stack import Stack
from tapgen.model.templates.intrinsics import references
from tapgen.model.templates.template import Template
from tapgen.review.lint.rules.rule import Placement, Problem, Problems, listed, nodes

# Type that is written to -> the property that names its key.
_ENCRYPTED: Final = {
    "AWS::KinesisFirehose::DeliveryStream": "KeyARN",
    "AWS::SNS::Topic": "KmsMasterKeyId",
    "AWS::SQS::Queue": "KmsMasterKeyId",
}
_NEEDED: Final = ("kms:GenerateDataKey", "kms:Decrypt")


class _Writer(NamedTuple):
    """The properties that name a resource's targets, and the principal that writes to them.

    `principal` is a service, or the name of a service-linked role; empty for the resource's role.
    """

    properties: tuple[str, ...]
    principal: str = ""


_WRITERS: Final = {
    # Firehose developer guide: the caller of PutRecord needs the key of the stream.
    "AWS::ApiGateway::Stage": _Writer(("AccessLogSetting",), "AWSServiceRoleForAPIGateway"),
    # CloudWatch user guide, Notifying users on alarm changes: encrypted topics.
    "AWS::CloudWatch::Alarm": _Writer(
        ("AlarmActions", "InsufficientDataActions", "OKActions"), "cloudwatch.amazonaws.com"
    ),
    # SQS developer guide, Key management: producers of an encrypted queue, SNS among them.
    "AWS::Lambda::Function": _Writer(("DeadLetterConfig",)),
    "AWS::SNS::Subscription": _Writer(("Endpoint",), "sns.amazonaws.com"),
}


def encrypted_writer(placement: Placement) -> Problems:
    """Services that write to an encrypted stream, queue or topic may use its key."""
    template = placement.stack.template
    known: dict[tuple[str, str], bool] = {}  # many alarms write to one topic
    for name, resource in template.resources.items():
        if (writer := _WRITERS.get(resource["Type"])) is None:
            continue
        properties = resource.get("Properties", {})
        named = references([properties.get(one) for one in writer.properties])
        for target in sorted(named & template.resources.keys()):
            asked = (target, writer.principal or name)
            if asked not in known:
                keys = _keys(template.resources[target])
                known[asked] = all(_allowed(placement, writer, properties, key) for key in keys)
            if not known[asked]:
                who = writer.principal or f"the role of {name}"
                yield Problem(
                    ("Resources", name),
                    f"writes to {target}, but {who} may not use its key: allow "
                    f"{' and '.join(_NEEDED)}",
                )


def _keys(resource: Mapping[str, Any]) -> Iterator[Any]:
    """The expressions for the key of the resource that is written to."""
    wanted = _ENCRYPTED.get(resource["Type"])
    for path, value in nodes(resource.get("Properties", {}), ("Properties",)):
        if path[-1] == wanted:
            yield value


def _allowed(
    placement: Placement, writer: _Writer, properties: Mapping[str, Any], key: Any
) -> bool:
    if not writer.principal:
        return _role_may(placement.stack.template, properties.get("Role"), key)
    policy = _policy(placement, key)
    # The policy of a key from elsewhere is not known here.
    return policy is None or any(
        _allows(statement) and writer.principal in json.dumps(statement)
        for statement in policy["Statement"]
    )


def _role_may(template: Template, role: Any, key: Any) -> bool:
    """Whether the role's policies allow it. Those of a role from elsewhere are not known here."""
    named = references(role) & template.resources.keys()
    return not named or any(
        _allows(statement) and references(statement.get("Resource")) & references(key)
        for one in named
        for policy in template.resources[one]["Properties"].get("Policies", [])
        for statement in policy["PolicyDocument"]["Statement"]
    )


def _allows(statement: Mapping[str, Any]) -> bool:
    """Whether the statement allows the actions that writing needs, for any principal."""
    if statement.get("Effect") != "Allow":
        return False
    actions = listed(statement.get("Action", []))
    return all(
        action in actions or any(fnmatchcase(action, one) for one in actions if "*" in one)
        for action in _NEEDED
    )


def _policy(placement: Placement, key: Any) -> dict[str, Any] | None:
    """The policy of a key that a stack of the environment declares; None for any other key."""
    stack = placement.stack
    for name in sorted(references(key)):
        source = stack.inputs.get(name)
        if source is None:
            found = _of(stack, name)
        elif not source.elsewhere and source.layer in placement.siblings:
            sibling = placement.siblings[source.layer]
            given = sibling.template.outputs[source.output]["Value"]
            found = next(filter(None, (_of(sibling, one) for one in references(given))), None)
        else:
            found = None
        if found:
            return found
    return None


def _of(stack: Stack, name: str) -> dict[str, Any] | None:
    resource = stack.template.resources.get(name, {})
    policy: dict[str, Any] | None = resource.get("Properties", {}).get("KeyPolicy")
    return policy
