"""The options of a command that deploys, apart from what to deploy."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from tapgen.deploy.run.step import Choices


class Answers(NamedTuple):
    """The options that `options.deployment` declares, in its order."""

    yes: bool
    max_concurrency: int
    allowed: tuple[str, ...]
    from_profile: str | None

    def choices(self, lifted: Collection[str], *, may_ask: bool, full: bool = False) -> Choices:
        """The choices for the deployment; `lifted` are options that override guards."""
        from tapgen.deploy.run.step import Choices

        return Choices(
            allowed_losses=frozenset(self.allowed),
            lifted=frozenset(lifted),
            max_concurrency=self.max_concurrency,
            may_ask=may_ask,
            full=full,
        )
