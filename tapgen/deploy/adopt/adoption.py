"""Taking over retained resources: an IMPORT change set before the ordinary one.

When a stack is created again, the tables and buckets that the last one left behind still exist; so
do those that an update created and its rollback could not delete. A plain creation would fail at
their names. Importing them keeps their data.

An import cannot set a service role, tags, topics or outputs. A new stack is therefore created first
with a placeholder resource (`SHELL`), and then imports with the role that it has.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from tapgen.aws.readers.registry import counted, read_identified
from tapgen.aws.readers.values import NotRead
from tapgen.aws.resources.kept import find, found_again
from tapgen.aws.resources.retained import Region, deletion
from tapgen.deploy.adopt.as_found import as_found
from tapgen.deploy.adopt.left_behind import ALIAS, Find, Resources, as_held, left_behind
from tapgen.deploy.observe.attributes import known_attributes
from tapgen.deploy.observe.comparison import compare
from tapgen.errors import TapgenError
from tapgen.model.changes.secrets import secret_parameters
from tapgen.model.plan import Adoption, Difference
from tapgen.model.stack import Stack
from tapgen.model.templates.intrinsics import Resolver, references
from tapgen.model.templates.json_text import parsed, pretty
from tapgen.model.templates.template import Template
from tapgen.review.diff.effect import Effect
from tapgen.review.diff.requirements import requirement

# Sections of the declared template that an import includes; it must not add outputs.
_SHARED: Final = ("Conditions", "Mappings", "Parameters")
# The attributes of a resource that an import includes; the update after it sets the others.
_ATTRIBUTES: Final = ("DeletionPolicy", "Metadata", "Type", "UpdateReplacePolicy")
# The type of the only resource of a shell: a URL that is never called.
PLACEHOLDER: Final = "AWS::CloudFormation::WaitConditionHandle"
SHELL: Final = {"TapgenPlaceholder": {"Type": PLACEHOLDER}}


@dataclass(frozen=True)
class Deployed:
    """A deployed stack: the text of its template, and the values of its parameters."""

    template: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)


NOT_THERE: Final = Deployed()


def may_adopt(template: Template, deployed: Resources) -> bool:
    """Whether the stack lacks a retained resource of a type that can be found."""
    wanted = {name for name in template.retained if found_again(template.resources[name])}
    return not wanted <= deployed.keys()


def adoptable(
    stack: Stack,
    parameters: Mapping[str, str],
    region: Region,
    find: Find = find,
    deployed: Resources | None = None,
) -> tuple[Adoption, ...]:
    """Like `left_behind`, with the resources' current properties; raises like `described`."""
    found = left_behind(stack, parameters, region, find, deployed)
    return described(stack, parameters, region, found, deployed)[0]


def described(
    stack: Stack,
    parameters: Mapping[str, str],
    region: Region,
    found: tuple[Adoption, ...],
    deployed: Resources | None = None,
) -> tuple[tuple[Adoption, ...], tuple[Difference, ...]]:
    """The adoptions with their current properties, and the differences from the declaration.

    Raises `TapgenError` for an alias whose key is scheduled for deletion.
    """
    if not found:
        return (), ()
    _refuse_dying_keys(stack, region, found)
    there = as_held(found)
    declared = _declared(stack, parameters, {**(deployed or {}), **there})

    adoptions, differing = [], []
    for one in found:
        wanted = declared[one.logical_id].get("Properties", {})
        read_back = read_identified(region, one.resource_type, one.identifier, wanted)
        actual = read_back if isinstance(read_back, dict) else {}
        closed = counted(one.resource_type)
        has = as_found(wanted, actual, closed)
        adoptions.append(replace(one, properties=has))
        if isinstance(read_back, NotRead):
            differing.append(Difference(one.logical_id, unseen=read_back.why))
        differing += _differences(one, wanted, actual, closed, has)
    return tuple(adoptions), tuple(differing)


def _differences(
    one: Adoption,
    declared: Mapping[str, Any],
    actual: Mapping[str, Any],
    closed: Collection[str],
    has: Mapping[str, Any],
) -> Iterator[Difference]:
    """The changes that the update after an import makes; `has` are the imported properties."""
    for name, value in actual.items():
        if name not in declared and name not in closed:
            continue
        for part in compare(name, declared.get(name), value):
            if part.ok is False:
                effect = requirement(one.resource_type, part.path, has, declared).effect
                replaces = effect is Effect.REPLACEMENT
                yield Difference(one.logical_id, part.path, part.declared, part.actual, replaces)


def _declared(
    stack: Stack, parameters: Mapping[str, str], there: Resources
) -> Mapping[str, dict[str, Any]]:
    """The declared resources, resolved as far as the existing ones allow; without secrets."""
    return _resolver(stack, stack.template.document, parameters, there).resolve().resources


def _resolver(
    stack: Stack, document: Mapping[str, Any], parameters: Mapping[str, str], there: Resources
) -> Resolver:
    secret = secret_parameters(stack.template)  # an import would write them into the template
    told = {name: value for name, value in parameters.items() if name not in secret}
    place = {"region": stack.region, "account": stack.account_id}
    ids = {logical_id: physical_id for logical_id, (_, physical_id) in there.items()}
    attributes = known_attributes(document, there, {}, place)
    return Resolver(document, told, stack.account_id, stack.region, ids, attributes)


def _refuse_dying_keys(stack: Stack, region: Region, found: tuple[Adoption, ...]) -> None:
    """Raise if an existing alias has a key that is scheduled for deletion: data may need it."""
    there = {one.logical_id for one in found}
    for one in found:
        resource = stack.template.resources[one.logical_id]
        if one.resource_type != ALIAS or references(resource["Properties"]["TargetKeyId"]) & there:
            continue
        dying = deletion(region, one.identifier)
        if dying is None:
            continue
        key, date = dying
        aws = f"--region {stack.region}"
        raise TapgenError(
            f"the key behind {one.identifier} is scheduled for deletion on {date}; everything that "
            "it encrypts will be lost",
            f"To keep it: `aws kms cancel-key-deletion {aws} --key-id {key}`, then `aws kms "
            f"enable-key {aws} --key-id {key}`. To give it up: `aws kms delete-alias {aws} "
            f"--alias-name {one.identifier}`; a new key is created. Then repeat the command.",
        )


def shell_template() -> str:
    """The text of a template that creates a stack with only a placeholder."""
    return pretty({"Resources": SHELL})


def import_template(
    stack: Stack,
    parameters: Mapping[str, str],
    adoptions: tuple[Adoption, ...],
    deployed: Deployed,
) -> str:
    """The text of the template of an import: the `deployed` template with the adopted resources.

    `parameters` are those of the declared stack. A property is written as declared if that resolves
    to the resource's value: then the update after the import sees no change in it.
    """
    template = stack.template
    document = _sections(template.document, deployed)
    values = {**parameters, **deployed.parameters}
    resolver = _resolver(stack, document, values, as_held(adoptions))
    adopted = {
        one.logical_id: _resource(template.resources[one.logical_id], one.properties, resolver)
        for one in adoptions
    }
    return pretty({**document, "Resources": {**document.get("Resources", {}), **adopted}})


def _resource(
    declared: Mapping[str, Any], has: Mapping[str, Any], resolver: Resolver
) -> dict[str, Any]:
    written = declared.get("Properties", {})
    properties = {
        name: written[name] if name in written and resolver.value(written[name]) == value else value
        for name, value in has.items()
    }
    kept: dict[str, Any] = {name: declared[name] for name in _ATTRIBUTES if name in declared}
    # An import requires a DeletionPolicy; the update after it sets the declared one.
    return {"DeletionPolicy": "Retain", **kept, "Properties": properties}


def _sections(declared: Mapping[str, Any], deployed: Deployed) -> dict[str, Any]:
    """The deployed template with the declared sections that adopted resources may need."""
    document = parsed(deployed.template)
    for name in _SHARED:
        if name in declared:
            document[name] = {**declared[name], **document.get(name, {})}
    return dict(document)
