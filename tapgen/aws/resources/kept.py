"""Retained resources of any type: finding them, checking their owner, deleting them permanently.

A stack's data is retained when the stack is deleted. The names are derived from the environment, so
that a later deployment finds the data and takes it over, and `destroy --purge-data` finds it too.
But a name alone proves nothing: anyone may have created a zone or a user pool with that name. A
resource belongs to the environment only if it has the tags (`Stack.identity`) of its former stack.

`retained.KINDS` has the types with their own code; others are found through Cloud Control.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from botocore.exceptions import ClientError

from tapgen.aws.errors import UnableError, code_of, explained
from tapgen.aws.resources.retained import ABSENT, KEY, KINDS, Kind, Region
from tapgen.aws.resources.tags import TAGS, tags_of
from tapgen.errors import RefusedError, TapgenError

_QUEUE: Final = "AWS::SQS::Queue"


class LeftError(TapgenError):
    """A retained resource was not deleted: neither tapgen nor AWS's schema has a way to do it."""


def kind_of(resource_type: str) -> Kind | None:
    """How to find and delete resources of a type; None if they cannot be found.

    Types that are not in `KINDS` are found by their schema, through Cloud Control.
    """
    if resource_type in KINDS:
        return KINDS[resource_type]
    from tapgen.aws.resources import any_kind  # most environments have none
    from tapgen.review.retention import naming_of

    naming = naming_of(resource_type)
    if naming is None:
        return None
    return Kind(
        naming.identifier,
        naming.name,
        lambda region, properties: any_kind.found(region, resource_type, naming, properties),
        lambda region, identifier: any_kind.purge(region, resource_type, identifier),
    )


def key_of(resource_type: str, identifier: str) -> tuple[str, ...]:
    """The key that identifies a resource: a queue has several URLs with one account and name."""
    if resource_type == _QUEUE:
        return (resource_type, *identifier.split("/")[-2:])
    return (resource_type, identifier)


def find(
    region: Region, resource_type: str, properties: Mapping[str, Any], owner: Mapping[str, str]
) -> str | None:
    """The identifier of the existing resource with the declared name and the tags of `owner`.

    None if there is none with that name, if no name is declared, or if the type cannot be found.
    Raises `RefusedError` if existing ones do not have these tags, or several have them.
    """
    kind = kind_of(resource_type)
    if kind is None or not isinstance(properties.get(kind.name), str):
        return None
    with explained(f"looking for a retained {resource_type}"):
        try:
            found = kind.find(region, properties)
            held = {one: tags(region, resource_type, one) for one in found}
        except UnableError:
            return None
        except ClientError as error:
            if code_of(error) in ABSENT:
                return None
            raise
    ours = [one for one in found if owner.items() <= held[one].items()]
    if len(ours) == 1 or not found:
        return ours[0] if ours else None
    raise _no_single_one(resource_type, str(properties[kind.name]), found, ours, owner)


def tags(region: Region, resource_type: str, identifier: str) -> dict[str, str]:
    """The tags of a resource of any type.

    Raises `UnableError` if they cannot be read, and errors of botocore.
    """
    if resource_type in TAGS:
        return tags_of(region, resource_type, identifier)
    from tapgen.aws.resources import any_kind

    return any_kind.tags(region, resource_type, identifier)


def found_again(resource: Mapping[str, Any]) -> bool:
    """Whether a declared, retained resource has a name by which it can be found again."""
    kind = kind_of(resource["Type"])
    named = kind is not None and kind.name in resource.get("Properties", {})
    return named or resource["Type"] == KEY  # a key is found through its alias


def _no_single_one(
    resource_type: str,
    name: str,
    found: Sequence[str],
    ours: Sequence[str],
    owner: Mapping[str, str],
) -> RefusedError:
    tags = ", ".join(f"{key}={value}" for key, value in owner.items())
    if ours:
        return RefusedError(
            f"there are several {resource_type} named {name} with the tags {tags}: "
            f"{', '.join(ours)}",
            "Delete those that are not in use, or remove these tags from them, and repeat the "
            "command.",
        )
    ids = "" if list(found) == [name] else f" ({', '.join(found)})"
    return RefusedError(
        f"{resource_type} {name}{ids} already exists and may not be this environment's: "
        f"it does not have the tags {tags}",
        "Delete or rename it. If an earlier stack left it behind, give it these tags: then it is "
        "taken over.",
    )


def purge(region: Region, resource_type: str, identifier: str) -> None:
    """Delete a retained resource with its contents; not an error if it no longer exists.

    Raises `LeftError` if resources of this type cannot be deleted.
    """
    with explained(f"deleting {resource_type} {identifier}"):
        try:
            if resource_type in KINDS:
                KINDS[resource_type].purge(region, identifier)
                return
            from tapgen.aws.resources import any_kind

            any_kind.purge(region, resource_type, identifier)
        except UnableError as error:
            raise LeftError(
                f"{resource_type} {identifier} was not deleted: {error}",
                "Delete it by hand, or add how to find and delete it to KINDS in "
                "tapgen/aws/resources/retained.py.",
            ) from error
        except ClientError as error:
            if code_of(error) not in ABSENT:
                raise
