"""What a command that deploys was told beside what to deploy."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from tapgen.deploy.run.deployment import Deployment
    from tapgen.deploy.target.target import Target
    from tapgen.model.graph import Graph


class Choices(NamedTuple):
    """The options that `options.deployment` declares, in its order."""

    yes: bool
    max_concurrency: int
    allowed: tuple[str, ...]
    allow_capacity_reset: bool
    skip_delegation_check: bool
    from_profile: str | None

    def deployment(
        self, target: Target, graph: Graph, *, strict: bool = False, full: bool = False
    ) -> Deployment:
        """A deployment of these layers under these options."""
        from tapgen.deploy.run.deployment import Deployment

        return Deployment(
            target,
            graph,
            max_concurrency=self.max_concurrency,
            allowed_losses=frozenset(self.allowed),
            skip_delegation_check=self.skip_delegation_check,
            allow_capacity_reset=self.allow_capacity_reset,
            strict=strict,
            full=full,
        )
