"""Findings in environment files: faults, which leave an environment out, and hints."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePath
from typing import Final

from tapgen.model.platform import Platform
from tapgen.review.lint.findings import Finding, Severity
from tapgen.settings.checks.references import Outputs
from tapgen.settings.environment import Environment
from tapgen.settings.faults import EnvironmentFaults, Fault, Source
from tapgen.settings.names import is_environment, names
from tapgen.settings.store import load_all, load_valid

SETTINGS_ID: Final = "T000"
SETTINGS_NAME: Final = "settings"
_APPROVALS: Final = "deployment.approvals"


def lint_settings(
    directory: Path,
    platform: Platform,
    chosen: Sequence[str] = (),
    outputs: Outputs | None = None,
) -> tuple[tuple[Environment, ...], tuple[Finding, ...]]:
    """Load the chosen environments (by default all) and return the valid ones and the findings.

    `outputs` returns the outputs of a layer, see `store.load`. Raises `UsageError` for an
    environment or a directory that does not exist.
    """
    wanted = list(dict.fromkeys(chosen))
    faults: Sequence[Fault] = ()
    try:
        valid = load_all(directory, platform, wanted or None, outputs)
    except EnvironmentFaults as error:
        faults = error.faults
        valid = _left(directory, platform, wanted, outputs)
    found = [_finding(fault, directory, "error") for fault in faults]
    hints = [_finding(hint, directory, "informational") for hint in _undecided(valid)]
    return valid, (*found, *hints)


def _undecided(environments: Iterable[Environment]) -> Iterator[Fault]:
    """Yield a hint for each protected environment that does not decide about approvals."""
    for one in environments:
        deployment = one.settings.deployment
        if one.protection and deployment.ledger and deployment.approvals is None:
            yield Fault(
                one.sources.get("protection"),
                _APPROVALS,
                "a protected environment does not set how many people must approve its plans",
                "set a number; 0 if plans need no approval",
            )


def _left(
    directory: Path, platform: Platform, wanted: Sequence[str], outputs: Outputs | None
) -> tuple[Environment, ...]:
    """The environments without faults."""
    return load_valid(directory, platform, wanted or names(directory, platform.stages), outputs)


def _finding(fault: Fault, directory: Path, severity: Severity) -> Finding:
    place = fault.source or Source(directory.as_posix())
    path = PurePath(place.path)
    message = ": ".join(part for part in (fault.setting, fault.message) if part)
    return Finding(
        place.path,
        place.line,
        place.column,
        SETTINGS_ID,
        SETTINGS_NAME,
        severity,
        f"{message}; {fault.hint}" if fault.hint else message,
        environments=(path.stem,) if is_environment(Path(path)) else (),
    )
