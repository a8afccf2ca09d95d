"""Environment files with faults: the faults as findings, and the environments that are left."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path, PurePath

from tapgen.model.platform import Platform
from tapgen.review.lint.findings import Finding
from tapgen.settings.checks.references import Outputs
from tapgen.settings.environment import Environment
from tapgen.settings.faults import EnvironmentFaults, Fault, Source
from tapgen.settings.names import is_environment, names
from tapgen.settings.store import load_all, load_valid


def lint_settings(
    directory: Path,
    platform: Platform,
    chosen: Sequence[str] = (),
    outputs: Outputs | None = None,
) -> tuple[tuple[Environment, ...], tuple[Finding, ...]]:
    """Load the chosen environments (all when none is); give the valid ones and what is wrong.

    `outputs` tells the outputs of a layer, see `store.load`. Raises `UsageError` for an environment
    or a directory that does not exist.
    """
    wanted = list(dict.fromkeys(chosen))
    try:
        return load_all(directory, platform, wanted or None, outputs), ()
    except EnvironmentFaults as error:
        faults = error.faults
    valid = load_valid(directory, platform, wanted or names(directory, platform.stages), outputs)
    return valid, tuple(_finding(fault, directory) for fault in faults)


def _finding(fault: Fault, directory: Path) -> Finding:
    place = fault.source or Source(directory.as_posix())
    path = PurePath(place.path)
    message = ": ".join(part for part in (fault.setting, fault.message) if part)
    return Finding(
        place.path,
        place.line,
        place.column,
        "T000",
        "settings",
        "error",
        f"{message}; {fault.hint}" if fault.hint else message,
        environments=(path.stem,) if is_environment(Path(path)) else (),
    )
