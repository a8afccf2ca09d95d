"""A new environment as a copy of another: one file, checked before it is written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tapgen.errors import TapgenError, UsageError
from tapgen.model.parts.running import blaming
from tapgen.model.platform import Platform
from tapgen.settings.checks.references import Outputs
from tapgen.settings.checks.rules import checks_of
from tapgen.settings.copying import Copy, Copying
from tapgen.settings.editing import yaml_edit
from tapgen.settings.environment import Environment
from tapgen.settings.faults import shown
from tapgen.settings.names import COMMON, RESERVED, SUFFIX, is_name
from tapgen.settings.parsing.document import read_document
from tapgen.settings.store import load_all, load_draft

# Settings that belong to the source alone: a copy would use its account or its names.
_LEFT_OUT: Final = (
    "stack_prefix",
    "deployment.role_arn",
    "deployment.notification_arn",
    "deployment.notify",
)


@dataclass(frozen=True)
class Wanted:
    """The new environment's own values; missing ones are derived from the source.

    `options` are values of the platform's settings, by the platform's options for copies.
    """

    name: str
    account_id: str
    region: str | None = None
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Replica:
    """The new file, and the valid environment that it describes.

    `left_out` was not copied; `summary` has the settings that are options of copies, by label.
    """

    path: Path
    text: str
    environment: Environment
    left_out: tuple[str, ...]
    summary: Mapping[str, str]


def replicate(
    directory: Path,
    platform: Platform,
    source: str,
    wanted: Wanted,
    outputs: Outputs | None = None,
) -> Replica:
    """Build the file of a new environment from that of `source`; writes nothing.

    Raises UsageError for a name that is taken or not allowed, and for an option that the platform
    does not have; EnvironmentFaults if the existing files, or the new one, have faults. `outputs`
    is that of `load`.
    """
    path = directory / f"{wanted.name}{SUFFIX}"
    if wanted.name in RESERVED:
        raise UsageError(
            f"no environment may be called {wanted.name}: {RESERVED[wanted.name]}",
            "choose another name",
        )
    if not is_name(wanted.name):
        raise UsageError(
            f"{shown(wanted.name)} cannot be the name of an environment",
            "at most 12 lower-case letters, digits or hyphens, beginning with a letter",
        )
    environments = {one.name: one for one in load_all(directory, platform, outputs=outputs)}
    if wanted.name in environments:
        raise UsageError(
            f"the environment {wanted.name} already exists", f"choose another name, or edit {path}"
        )
    if source not in environments:
        raise UsageError(
            f"there is no environment {shown(source)} to copy",
            f"there are {', '.join(environments)}",
        )
    copying = checks_of(platform).copying
    original = environments[source]
    text = (directory / f"{source}{SUFFIX}").read_text("utf-8-sig").replace("\r\n", "\n")
    heading = f"{wanted.name}: created from {source} by `tapgen env new`."
    text = yaml_edit.with_heading(text, heading)
    for setting, value in _own(wanted, copying, original, environments.values()).items():
        text = yaml_edit.with_value(text, setting, value)
    left_out = tuple(one for one in (*copying.left_out, *_LEFT_OUT) if original.value(one))
    for setting in left_out:
        text = yaml_edit.without(text, setting)
    text = _without_repetitions(directory, platform, text)
    draft = load_draft(directory, platform, wanted.name, text.encode(), outputs)
    summary = {
        option.label: draft.parameter(option.setting) or "none"
        for option in copying.options.values()
    }
    return Replica(path, text, draft, left_out, summary)


def _own(
    wanted: Wanted, copying: Copying, original: Environment, existing: Iterable[Environment]
) -> dict[str, str | bool]:
    """The settings in which the new file differs from the source's."""
    for option in wanted.options:
        if option not in copying.options:
            raise UsageError(
                f"the platform {original.platform.name} has no option --{option}", "Leave it out."
            )
    region = wanted.region or original.region
    given = {copying.options[option].setting: value for option, value in wanted.options.items()}
    copy = Copy(wanted.name, wanted.account_id, region, original, tuple(existing), given)
    own: dict[str, str | bool] = {"name": wanted.name, "account_id": wanted.account_id}
    with blaming(f"what {original.platform.name} derives for a copy of an environment"):
        own |= copying.derived(copy)
    own |= given
    if region != original.region:
        own["region"] = region
    return own


def _without_repetitions(directory: Path, platform: Platform, text: str) -> str:
    """Remove settings that the common file has with the same value, if they are on own lines."""
    common = directory / f"{COMMON}{SUFFIX}"
    if not common.exists():
        return text
    shared = read_document(common.read_bytes(), COMMON, platform).entries
    own = read_document(text.encode(), "", platform).entries
    for setting, written in own.items():
        if setting in shared and shared[setting].value == written.value:
            with suppress(TapgenError):  # in braces
                text = yaml_edit.without(text, setting)
    return text
