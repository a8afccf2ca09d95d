"""A new environment after the example of another: one file, checked before it is written."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import IPv4Network
from itertools import chain
from pathlib import Path
from typing import Final

from tapgen.errors import TapgenError, UsageError
from tapgen.settings.editing import yaml_edit
from tapgen.settings.environment import Environment
from tapgen.settings.faults import shown
from tapgen.settings.names import COMMON, SUFFIX, is_name, names
from tapgen.settings.parsing.document import read_document
from tapgen.settings.store import load_all, load_draft

# What belongs to the source alone; a copy would point into its account, or take its names.
_NOT_COPIED: Final = (
    "parent_zone_id",
    "stack_prefix",
    "deployment.role_arn",
    "deployment.notification_arn",
)
_BLOCKS: Final = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")  # RFC 1918


@dataclass(frozen=True)
class Wanted:
    """What the new environment has of its own; what is None is derived from the source."""

    name: str
    account_id: str
    cidr: str | None = None
    domain: str | None = None
    region: str | None = None
    cost_center: str | None = None


@dataclass(frozen=True)
class Replica:
    """The new file, and the valid environment that it will be. `left_out` was not copied."""

    path: Path
    text: str
    environment: Environment
    left_out: tuple[str, ...]


def replicate(directory: Path, source: str, wanted: Wanted) -> Replica:
    """Make the file of a new environment out of that of `source`; writes nothing.

    Raises UsageError for a name that is taken or cannot be one, EnvironmentFaults where what is
    there, or what would be written, is not right.
    """
    path = directory / f"{wanted.name}{SUFFIX}"
    if not is_name(wanted.name):
        raise UsageError(
            f"{shown(wanted.name)} cannot be the name of an environment",
            "at most 12 lower-case letters, digits or hyphens, beginning with a letter",
        )
    environments = {found.name: found for found in load_all(directory)}
    if wanted.name in environments:
        raise UsageError(
            f"there is an environment {wanted.name} already", f"choose another name, or edit {path}"
        )
    if source not in environments:
        raise UsageError(
            f"there is no environment {shown(source)} to copy",
            f"there are {', '.join(names(directory))}",
        )
    original = environments[source]
    text = (directory / f"{source}{SUFFIX}").read_text("utf-8-sig").replace("\r\n", "\n")
    heading = f"{wanted.name}: made from {source} by `tapgen env new`."
    text = yaml_edit.with_heading(text, heading)
    for setting, value in _own(wanted, original, environments.values()).items():
        text = yaml_edit.with_value(text, setting, value)
    left_out = tuple(setting for setting in _NOT_COPIED if original.value(setting))
    for setting in left_out:
        text = yaml_edit.without(text, setting)
    text = _without_repetitions(directory, text)
    draft = load_draft(directory, wanted.name, text.encode())
    return Replica(path, text, draft, left_out)


def free_cidr(like: str, taken: Iterable[str]) -> str:
    """Return a private range of the size of `like` that overlaps none of `taken`.

    Multiples of ten come first (10.40.0.0 after 10.30.0.0), because people remember them. Raises
    TapgenError when there is none left.
    """
    size = IPv4Network(like).prefixlen
    used = [IPv4Network(cidr) for cidr in taken]
    tens = (IPv4Network(f"10.{tens}.0.0/{size}") for tens in range(10, 251, 10))
    others = chain.from_iterable(IPv4Network(b).subnets(new_prefix=size) for b in _BLOCKS)
    for network in chain(tens, others):
        if not any(network.overlaps(other) for other in used):
            return str(network)
    raise TapgenError(f"no private /{size} range is left", "Name a smaller one with --cidr.")


def _own(
    wanted: Wanted, original: Environment, existing: Iterable[Environment]
) -> dict[str, str | bool]:
    environments = list(existing)
    settings = original.settings
    region = wanted.region or settings.region
    cidr = wanted.cidr or free_cidr(
        settings.network.cidr, (e.settings.network.cidr for e in environments)
    )
    own: dict[str, str | bool] = {
        "name": wanted.name,
        "account_id": wanted.account_id,
        "network.cidr": cidr,
    }
    if domain := wanted.domain or _domain(original, wanted.name):
        own["domain"] = domain
    if region != settings.region:
        own["region"] = region
    if wanted.cost_center:
        own["cost_center"] = wanted.cost_center
    where = (wanted.account_id, region)
    if any((e.account_id, e.region) == where for e in environments):
        own["api.manage_account_logging"] = False  # whoever is there already has it
    return own


def _domain(original: Environment, name: str) -> str | None:
    """api.example.com -> qa.api.example.com; staging.api.example.com -> qa.api.example.com."""
    domain = original.settings.domain
    return domain and f"{name}.{domain.removeprefix(f'{original.name}.')}"


def _without_repetitions(directory: Path, text: str) -> str:
    """Take out what the common file says as well, as far as it stands on lines of its own."""
    common = directory / f"{COMMON}{SUFFIX}"
    if not common.exists():
        return text
    shared = read_document(common.read_bytes(), COMMON).entries
    own = read_document(text.encode(), "").entries
    for setting, written in own.items():
        if setting in shared and shared[setting].value == written.value:
            with suppress(TapgenError):  # in braces
                text = yaml_edit.without(text, setting)
    return text
