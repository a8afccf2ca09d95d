"""Secrets: which values are secret, and how they are masked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from tapgen.model.changes.change import KNOWN_AFTER_APPLY, PropertyChange, mentioned
from tapgen.model.limits import SECRET_LOCATOR, or_empty
from tapgen.model.templates.paths import at, names_in
from tapgen.model.templates.template import Template

# CloudFormation's own replacement for a NoEcho value.
MASK: Final = "****"
DYNAMIC_REFERENCE: Final = "{{resolve:"
_SECRET_NAME: Final = re.compile(
    r"passw(or)?d|passphrase|secret|credential|token|(api|private|access)[-_ ]?key", re.IGNORECASE
)
# Patterns of parameters that name a secret and do not contain it.
_LOCATORS: Final = frozenset({SECRET_LOCATOR, or_empty(SECRET_LOCATOR)})
# Names of properties that only refer to a secret: SecretArn, TokenId, MasterSecretName.
_POINTER: Final = re.compile(r"(arn|id|ids|name|type|ttl|version)$", re.IGNORECASE)


def secret_name(name: str) -> bool:
    """True if a property, variable or parameter with that name contains a secret."""
    return bool(_SECRET_NAME.search(name)) and not _POINTER.search(name)


def secret_parameters(template: Template) -> frozenset[str]:
    """The parameters whose values are never shown."""
    return frozenset(
        name
        for name, declared in template.parameters.items()
        if str(declared.get("NoEcho", "")).lower() == "true"
        or (secret_name(name) and declared.get("AllowedPattern") not in _LOCATORS)
    )


def masked_parameters(template: Template, parameters: Mapping[str, str]) -> dict[str, str]:
    """The parameters with secrets masked."""
    secret = secret_parameters(template)
    return {name: MASK if name in secret else value for name, value in parameters.items()}


def unknown_values(template: Template, parameters: Mapping[str, str]) -> frozenset[str]:
    """The secret parameters whose value is not known, but only the mask."""
    return frozenset(name for name in secret_parameters(template) if parameters.get(name) == MASK)


def masked(
    details: Iterable[PropertyChange], sides: Iterable[tuple[Template, Mapping[str, Any]]]
) -> tuple[PropertyChange, ...]:
    """The details of one resource with secrets masked.

    `sides` are the template and the declared resource before and after, if known.
    """
    known = list(sides)
    return tuple(
        replace(detail, before=_hidden(detail.before), after=_hidden(detail.after))
        if _is_secret(detail, known)
        else detail
        for detail in details
    )


def _hidden(value: str | None) -> str | None:
    return value if value in {None, KNOWN_AFTER_APPLY} else MASK


def _is_secret(detail: PropertyChange, sides: Iterable[tuple[Template, Mapping[str, Any]]]) -> bool:
    if any(map(secret_name, [*detail.path.split("/"), detail.name])):
        return True
    for template, resource in sides:
        secret = secret_parameters(template)
        if detail.cause in secret:
            return True
        declared = at(resource, detail.path or f"/{detail.attribute}/{detail.name}")
        if mentioned(template, declared) & secret or any(map(secret_name, names_in(declared))):
            return True
        if DYNAMIC_REFERENCE in str(declared):
            return True
    return False
