"""Example values for inputs, with which a template can be checked before anything is deployed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from tapgen.errors import TapgenError
from tapgen.model.stack import Stack
from tapgen.model.templates.intrinsics import Resolver
from tapgen.model.templates.parameter_values import matches

_UUID: Final = "1234abcd-12ab-34cd-56ef-1234567890ab"  # from AWS's documentation

# End of a parameter's name -> a value of that kind. The name decides which one is tried first, the
# pattern which one is used.
_EXAMPLES: Final = {
    "KeyArn": f"arn:aws:kms:{{region}}:{{account}}:key/{_UUID}",
    "AliasArn": "arn:aws:lambda:{region}:{account}:function:example-name:live",
    "CertificateArn": f"arn:aws:acm:{{region}}:{{account}}:certificate/{_UUID}",
    "UserPoolArn": "arn:aws:cognito-idp:{region}:{account}:userpool/{region}_A1b2C3d4E",
    "SecurityGroupId": "sg-0123456789abcdef0",
    "SubnetIds": "subnet-0123456789abcdef0,subnet-0123456789abcdef1",
    "ZoneId": "Z0123456789ABCDEFGHIJ",
    "DomainName": "host.example.com",
    "Email": "someone@example.com",
    "Name": "example-name",
}


def input_values(stack: Stack) -> dict[str, str]:
    """An example value for every input, in the stack's own account and region.

    The platform's examples are tried before those here. Raises `TapgenError` for an input if no
    example matches its pattern.
    """
    return {
        name: _example(stack, name, stack.template.parameters[name])
        for name in stack.inputs
        if name in stack.template.parameters
    }


def example_values(stack: Stack) -> dict[str, str]:
    """The values of all parameters: those from settings, and examples for inputs."""
    return {**stack.parameters, **input_values(stack)}


def example_resolver(stack: Stack) -> Resolver:
    """A resolver of the stack's template with these values."""
    values = example_values(stack)
    return Resolver(stack.template.document, values, stack.account_id, stack.region)


def _example(stack: Stack, name: str, declaration: Mapping[str, Any]) -> str:
    if allowed := declaration.get("AllowedValues"):
        return str(allowed[0])
    pattern = declaration.get("AllowedPattern", ".*")
    known = {**stack.examples, **{k: v for k, v in _EXAMPLES.items() if k not in stack.examples}}
    by_name = sorted(known, key=lambda ending: not name.endswith(ending))
    for ending in by_name:
        value = known[ending].replace("{region}", stack.region)
        value = value.replace("{account}", stack.account_id)
        if matches(pattern, value):
            return value
    raise TapgenError(
        f"{stack.layer}.{name}: no example matches the pattern {pattern}",
        f'Add one to the platform, `examples={{"{name}": ...}}`: the template is checked with it.',
    )
