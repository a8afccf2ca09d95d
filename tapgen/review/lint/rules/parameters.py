"""Rules about parameters: the values they accept, and where those come from."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from tapgen.model.templates.parameter_values import value_faults
from tapgen.model.templates.template import Template
from tapgen.review.declared import input_fault
from tapgen.review.lint.rules.rule import Placement, Problem, Problems
from tapgen.settings.fields import Field

_CONSTRAINTS: Final = frozenset({"AllowedPattern", "AllowedValues"})
_BOUNDS: Final = frozenset({"MinValue", "MaxValue"})
SECRET: Final = re.compile(r"(?i)secret|password|passphrase|token|credential|private_?key|api_?key")
_REFERENCE: Final = re.compile(r"(Arn|Name|Id)$")  # names a secret without containing it


def parameter_declaration(template: Template) -> Problems:
    """Every parameter has a description, and a range, a pattern or allowed values."""
    for name, declaration in template.parameters.items():
        path = ("Parameters", name)
        if not declaration.get("Description"):
            yield Problem(path, f"{name} has no description")
        if not _constrained(declaration):
            message = f"{name} accepts any value: declare a range, a pattern or allowed values"
            yield Problem(path, message)


def _constrained(declaration: dict[str, Any]) -> bool:
    if "AWS::" in declaration["Type"]:  # CloudFormation looks the value up in the account
        return True
    return bool(_CONSTRAINTS & declaration.keys()) or declaration.keys() >= _BOUNDS


def secret_default(template: Template) -> Problems:
    """No parameter has a secret as its default."""
    for name, declaration in template.parameters.items():
        secret = declaration.get("NoEcho") or (SECRET.search(name) and not _REFERENCE.search(name))
        if secret and declaration.get("Default"):
            yield Problem(
                ("Parameters", name, "Default"),
                f"{name} is a secret, and everybody can read its default: remove the default",
            )


def narrow_parameter(template: Template, fields: Mapping[str, Field]) -> Problems:
    """A parameter accepts every value that its setting allows.

    `fields` declare the settings. The ends of a range, all choices and an example are tried.
    """
    for name, setting in template.settings.items():
        declaration, field = template.parameters.get(name), fields.get(setting)
        for value in _values(field) if declaration and field else ():
            fault = next(value_faults(declaration or {}, value), None)
            if fault:
                message = f"{setting} may be {value!r}, which {fault}"
                yield Problem(("Parameters", name), f"{message}: let {name} accept it")
                break


def _values(field: Field) -> Iterator[str]:
    """Values that a setting accepts, as a parameter gets them."""
    match field.kind:
        case "flag":
            yield from ("true", "false")
        case "list":
            yield ",".join(map(str, field.choices))
        case _:
            ends = (end for end in (field.low, field.high) if end is not None)
            yield from map(str, field.choices or ends)
    if field.form:
        yield field.form.example


def parameter_value(placement: Placement) -> Problems:
    """Every value satisfies the declaration of its parameter."""
    stack = placement.stack
    for name, declaration in stack.template.parameters.items():
        path = ("Parameters", name)
        value = stack.parameters.get(name, declaration.get("Default"))
        if name in stack.inputs:
            continue  # known only during a deployment, where CloudFormation checks it
        if value is None:
            yield Problem(path, f"{name} gets no value from a setting, an input or a default")
            continue
        setting = stack.template.settings.get(name, "default")
        for fault in value_faults(declaration, str(value)):
            yield Problem(path, f"{name} = {str(value)[:60]!r} ({setting}) {fault}")


def input_source(placement: Placement) -> Problems:
    """Every input is an output of another layer."""
    for name, source in placement.stack.inputs.items():
        if source.elsewhere:
            continue  # checked where the setting is read, or where a deployment is planned
        if fault := input_fault(source, placement.siblings):
            yield Problem(("Parameters", name), f"{name} has no source: {source}, but {fault}")
