"""The user's wishes for a new project."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network
from pathlib import Path
from types import MappingProxyType
from typing import Final, NamedTuple

STAGES: Final = ("dev", "staging", "prod")
DEFAULT_REGION: Final = "us-east-1"
_WIDEST: Final = 16  # bits of a prefix: VPCs are a /16 to /28 (CreateVpc in the EC2 API)
_LONGEST_NAME: Final = 12  # characters of a project's name: PROJECT_NAME in tapgen.model.limits


class Kind(NamedTuple):
    """A kind of project to start with.

    - `about`: its content, as a sentence.
    - `project`: the default name of the project; "" stands for the name of its folder.
    - `holds`: path -> content of the files that other kinds do not have.
    - `registry`, `guards`: the files that list its layers and guards, below its package.
    - `copied`: a folder of tapgen whose modules are copied into its package.
    - `network`: the setting with the range of an environment's network; "" if it has none.
    """

    about: str
    project: str = ""
    holds: Mapping[str, str] = MappingProxyType({})
    registry: str = "platform.py"
    guards: str = "guards.py"
    copied: str = ""
    network: str = ""


KINDS: Final[Mapping[str, Kind]] = {
    "empty": Kind("A minimal platform: one layer with a bucket."),
    "example": Kind(
        "A queue of jobs, a function that processes them, PostgreSQL, and alarms.",
        project="worker",
        holds={
            "@package@/checks.py": "checks across settings, and the values of a copied environment",
            "@package@/live.py": "how `tapgen verify` tests what is deployed",
            "@package@/functions/": "the code that runs in Lambda",
        },
        network="network.cidr",
    ),
    "payments": Kind(
        "A payments API: REST API behind CloudFront, functions, tables, sign-in, alarms.",
        project="payments",
        holds={
            "@package@/checks.py": "checks across settings",
            "@package@/copying.py": "the values of an environment that is copied from another",
            "@package@/limits.py": "ranges and patterns that settings and templates share",
            "@package@/live/": "how `tapgen verify` calls what is deployed",
            "@package@/functions/": "the code that runs in Lambda",
        },
        registry="layers/registry.py",
        guards="guards/registry.py",
        copied="payments",
        network="network.cidr",
    ),
}
DEFAULT_KIND: Final = "empty"


@dataclass(frozen=True)
class Wishes:
    """The kind of a new project, and its own values.

    `accounts` maps environments to AWS account ids, `cidrs` to network ranges that the user chose.
    """

    kind: str
    project: str
    region: str
    accounts: Mapping[str, str]
    cidrs: Mapping[str, str] = field(default_factory=dict)

    @property
    def package(self) -> str:
        """The package that the platform is in."""
        return f"{self.project.replace('-', '_')}_platform"

    @property
    def networks(self) -> dict[str, str]:
        """The range of each environment's network, chosen or proposed; empty without networks."""
        return with_proposals(self.cidrs) if KINDS[self.kind].network else {}


def with_proposals(chosen: Mapping[str, str]) -> dict[str, str]:
    """A range for each environment: the chosen one, or one that overlaps no other.

    Networks whose ranges do not overlap can be connected later.
    """
    taken = [network for cidr in chosen.values() if (network := _network(cidr))]
    proposals = (IPv4Network(f"10.{second}.0.0/16") for second in range(10, 251, 10))
    free = (one for one in proposals if not any(map(one.overlaps, taken)))
    return {stage: chosen[stage] if stage in chosen else str(next(free)) for stage in STAGES}


def _network(cidr: str) -> IPv4Network | None:
    """The parsed range; None for any other text, which its own check rejects."""
    try:
        network = IPv4Network(cidr, strict=False)
    except ValueError:
        return None
    return network if network.prefixlen >= _WIDEST else None


def name_for(kind: str, folder: Path) -> str:
    """The default name of a project in the folder."""
    plain = re.sub(r"[^a-z0-9]+", "-", folder.resolve().name.lower()).lstrip("0123456789-")
    name = KINDS[kind].project or plain[:_LONGEST_NAME].rstrip("-")
    return name if len(name) > 1 else kind
