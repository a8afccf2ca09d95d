"""Taking over retained resources: an IMPORT change set before the ordinary one.

When a stack is made again, the tables and buckets that the last one left behind are still there; so
are those that an update added and could not take back. A plain create would fail on their names;
importing them keeps their data.

An import may carry neither a service role nor tags, topics or outputs. Where a role deploys, the
stack is made first, with a resource that is none (`SHELL`), and imports with the role that it has.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from tapgen.aws.readers.registry import counted, read
from tapgen.aws.readers.values import NotRead
from tapgen.aws.resources.kept import find, found_again
from tapgen.aws.resources.retained import Region, deletion
from tapgen.deploy.adopt.as_found import as_found
from tapgen.deploy.adopt.left_behind import ALIAS, Find, Resources, left_behind
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

# Sections that an import takes over from what is declared; outputs it may not add.
_SHARED: Final = ("Conditions", "Mappings", "Parameters")
# What an import may say of a resource beside its properties; the update that follows says the rest.
_ATTRIBUTES: Final = ("DeletionPolicy", "Metadata", "Type", "UpdateReplacePolicy")
# The type of the one resource of a shell: a URL that nobody calls.
PLACEHOLDER: Final = "AWS::CloudFormation::WaitConditionHandle"
SHELL: Final = {"TapgenPlaceholder": {"Type": PLACEHOLDER}}


@dataclass(frozen=True)
class Deployed:
    """A stack as it is: the text of its template, and the values of its parameters."""

    template: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)


NOT_THERE: Final = Deployed()


def may_adopt(template: Template, deployed: Resources) -> bool:
    """Whether the stack lacks a retained resource of a kind that can be found."""
    wanted = {name for name in template.retained if found_again(template.resources[name])}
    return not wanted <= deployed.keys()


def adoptable(
    stack: Stack,
    parameters: Mapping[str, str],
    region: Region,
    find: Find = find,
    deployed: Resources | None = None,
) -> tuple[Adoption, ...]:
    """Like `left_behind`, with the properties that the resources have; raises as `described`."""
    found = left_behind(stack, parameters, region, find, deployed)
    return described(stack, parameters, region, found, deployed)[0]


def described(
    stack: Stack,
    parameters: Mapping[str, str],
    region: Region,
    found: tuple[Adoption, ...],
    deployed: Resources | None = None,
) -> tuple[tuple[Adoption, ...], tuple[Difference, ...]]:
    """What is taken over with the properties that it has, and what of them is not as declared.

    Raises `TapgenError` for an alias whose key is to be deleted.
    """
    if not found:
        return (), ()
    _refuse_dying_keys(stack, region, found)
    there = {one.logical_id: (one.resource_type, one.identifier) for one in found}
    declared = _declared(stack, parameters, {**(deployed or {}), **there})

    adoptions, differing = [], []
    for one in found:
        wanted = declared[one.logical_id].get("Properties", {})
        read_back = read(region, one.resource_type, one.identifier, wanted)
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
    """What the update that follows an import changes; `has` are the properties of the import."""
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
    """The declared resources, resolved as far as what is there tells; without secrets."""
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
    """Raise where an alias is there, and its key goes: nobody else knows what it still encrypts."""
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
            f"the key behind {one.identifier} is to be deleted on {date}, and with it all that it "
            "encrypts",
            f"To keep it: `aws kms cancel-key-deletion {aws} --key-id {key}`, then `aws kms "
            f"enable-key {aws} --key-id {key}`. To give it up: `aws kms delete-alias {aws} "
            f"--alias-name {one.identifier}`; a new key is made. Then repeat the command.",
        )


def shell_template() -> str:
    """The text of a template that makes a stack and nothing else."""
    return pretty({"Resources": SHELL})


def import_template(
    stack: Stack,
    parameters: Mapping[str, str],
    adoptions: tuple[Adoption, ...],
    deployed: Deployed,
) -> str:
    """The text of the template of an import: what is adopted, beside what is `deployed`.

    `parameters` are those of the declared stack. A property stays as it is written while that gives
    what the resource has: the update that follows then sees no change in it.
    """
    template = stack.template
    document = _sections(template.document, deployed)
    values = {**parameters, **deployed.parameters}
    there = {one.logical_id: (one.resource_type, one.identifier) for one in adoptions}
    resolver = _resolver(stack, document, values, there)
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
    # An import has to say what becomes of the resource; the update after it says what is meant.
    return {"DeletionPolicy": "Retain", **kept, "Properties": properties}


def _sections(declared: Mapping[str, Any], deployed: Deployed) -> dict[str, Any]:
    """What an import's template has beside what is adopted; what is deployed stays as it is."""
    document = parsed(deployed.template)
    for name in _SHARED:
        if name in declared:
            document[name] = {**declared[name], **document.get(name, {})}
    return dict(document)
