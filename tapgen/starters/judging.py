"""Checks of a user's wishes for a new project, with the settings' own checks."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from tapgen.errors import UsageError
from tapgen.model.platform import Platform, load
from tapgen.settings.checks.rules import Merged, check, checks_of
from tapgen.settings.faults import Fault, Source, shown
from tapgen.settings.fields import fields
from tapgen.settings.parsing.document import Written, read_document
from tapgen.starters.wishes import DEFAULT_REGION, KINDS, STAGES, Wishes
from tapgen.starters.writing import files_of, write

_TRIED: Final = "tapgen-tried"  # longer than a project's name, so no project has this package
_EVERY_PLATFORM: Final = Platform(name="new", layers=())


class _Option(Source):
    """An option, in place of the location in a file that settings have."""

    __slots__ = ()

    def __str__(self) -> str:
        return self.path


def refuse_wrong(wishes: Wishes) -> None:
    """Raise `UsageError` with everything that settings would not accept."""
    found = list(_faults(wishes))
    if wishes.cidrs and KINDS[wishes.kind].network:
        with platform_of(wishes.kind) as platform:
            found += range_faults(platform, KINDS[wishes.kind].network, wishes.networks)
    if found:
        raise UsageError("\n".join(found), "Correct these and try again; nothing was written.")


def fault_of(setting: str, value: str) -> str:
    """The error in the value of a setting that every platform has; "" if it is valid."""
    _, faults = _judged(setting, value, _EVERY_PLATFORM)
    return "; ".join(map(_without_place, faults))


@contextmanager
def platform_of(kind: str) -> Iterator[Platform]:
    """The platform that a project of this kind starts with, while the context lasts.

    Only the project's own package knows its settings, so the package is written into a temporary
    folder and imported from there.
    """
    wishes = Wishes(kind, _TRIED, DEFAULT_REGION, dict.fromkeys(STAGES, ""))
    package = wishes.package
    with TemporaryDirectory() as folder:
        files = {path: text for path, text in files_of(wishes).items() if path.startswith(package)}
        write(Path(folder), files)
        sys.path.insert(0, folder)
        importlib.invalidate_caches()
        try:
            yield load(f"{package}.platform:PLATFORM", f"the platform {kind}")
        finally:
            sys.path.remove(folder)
            for name in [name for name in sys.modules if name.partition(".")[0] == package]:
                del sys.modules[name]


def range_faults(platform: Platform, setting: str, ranges: Mapping[str, str]) -> list[str]:
    """Errors in network ranges, environment -> range: in each, and between them."""
    checks = checks_of(platform)
    found: list[str] = []
    environments: dict[str, Merged] = {}
    for name, cidr in ranges.items():
        option = f"--cidr {name}"
        merged, faults = _judged(setting, cidr, platform)
        found += (f"{option}: {_without_place(fault)}" for fault in faults)
        entries = {
            one: Written(written.value, _Option(option)) for one, written in merged.entries.items()
        }
        environments[name] = merged._replace(entries=entries)
    for rule in checks.together:
        between = rule(environments, frozenset(environments))
        found += (str(fault._replace(setting="")) for fault in between)
    return found


def _faults(wishes: Wishes) -> Iterator[str]:
    values = [
        ("--project-name", "project", wishes.project),
        ("--region", "region", wishes.region),
        *((f"--account {name}", "account_id", one) for name, one in wishes.accounts.items()),
    ]
    for option, setting, value in values:
        if fault := fault_of(setting, value):
            yield f"{option}: {fault}"
    for option, given in (("--account", wishes.accounts), ("--cidr", wishes.cidrs)):
        for name in given:
            if name not in STAGES:
                there = f"the environments are {', '.join(STAGES)}"
                yield f"{option}: there is no environment {shown(name)}; {there}"
    if wishes.cidrs and not KINDS[wishes.kind].network:
        yield f"--cidr: the platform {wishes.kind} has no networks; leave it out"
    for stage in STAGES:
        if stage not in wishes.accounts:
            yield f"--account {stage}: missing; add --account {stage}=<12 digits>"


def _judged(setting: str, value: str, platform: Platform) -> tuple[Merged, list[Fault]]:
    """A setting as it is read from a file that contains nothing else, and its errors."""
    *above, name = setting.split(".")
    written: object = {name: value}
    for section in reversed(above):
        written = {section: written}
    document = read_document(json.dumps(written).encode(), "", platform)
    merged = Merged(document.entries, fields(platform))
    return merged, [*document.faults, *check(merged, checks_of(platform).rules)]


def _without_place(fault: Fault) -> str:
    return str(fault._replace(source=None, setting=""))
