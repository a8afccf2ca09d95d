"""What a reviewer has to know of a change, as one value for any view."""

from __future__ import annotations

from dataclasses import dataclass

from tapgen.environment.environment import Environment
from tapgen.stacks.diff.report import Comparison
from tapgen.stacks.findings import Finding
from tapgen.stacks.matrix import Row
from tapgen.stacks.parity import Parity


@dataclass(frozen=True)
class NotCompared:
    """Why there is nothing to tell the impact from."""

    reason: str


@dataclass(frozen=True)
class Report:
    """The environments as they are declared, and what the current change does to them.

    `findings` is None where lint was not run.
    """

    environments: tuple[Environment, ...]
    matrix: tuple[Row, ...]
    parity: Parity
    findings: tuple[Finding, ...] | None
    impact: Comparison | NotCompared

    @property
    def holds(self) -> bool:
        """Whether lint found nothing, and environments differ in nothing in which they must not."""
        return not self.findings and self.parity.holds
