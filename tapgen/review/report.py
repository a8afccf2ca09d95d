"""Everything that a reviewer of a change needs, as one value for any view."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tapgen.review.diff.report import Comparison
from tapgen.review.lint.findings import Finding
from tapgen.review.parity.comparison import Parity
from tapgen.review.parity.matrix import Row
from tapgen.settings.environment import Environment

if TYPE_CHECKING:
    from tapgen.model.release import Release
    from tapgen.review.cost.lines import Estimate


@dataclass(frozen=True)
class NotCompared:
    """Why the impact is not known."""

    reason: str


@dataclass(frozen=True)
class Report:
    """The environments as they are declared, and the effects of the current change.

    `findings` is None if lint was not run. `costs` are by environment, per month. `history` has the
    newest releases of each environment, or why they cannot be read; None if it was not requested.
    """

    environments: tuple[Environment, ...]
    matrix: tuple[Row, ...]
    parity: Parity
    findings: tuple[Finding, ...] | None
    impact: Comparison | NotCompared
    costs: Mapping[str, Estimate] = field(default_factory=dict)
    history: Mapping[str, tuple[Release, ...] | str] | None = None

    @property
    def project(self) -> str:
        """Names of the projects that the environments belong to, usually one."""
        return ", ".join(dict.fromkeys(str(one.value("project")) for one in self.environments))

    @property
    def holds(self) -> bool:
        """True if lint found nothing and environments differ only where they may."""
        return not self.findings and self.parity.holds
