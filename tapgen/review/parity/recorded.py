"""The behaviour of environments in a file, to compare with later conversations.

The digest shows if the file was edited. It contains traits and durations: no token, no id, no time
of day.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any, Final

from tapgen.errors import RefusedError, UsageError
from tapgen.model.templates.json_text import document_in, pretty
from tapgen.review.parity.behaviour import Behaviour, Latency

# Increased when traits change, so that old ones cannot be compared with new ones.
FORMAT: Final = 1
_KIND: Final = "tapgen behaviour"


@dataclass(frozen=True)
class Recorded:
    """A platform's conversation with environments; `writes` is whether test data was written."""

    platform: str
    writes: bool
    environments: Mapping[str, Behaviour]

    def of(self, environment: str) -> tuple[str, Behaviour]:
        """Name and behaviour of the environment, or of the only one in the record.

        Raises `UsageError` if the record has several others.
        """
        name = environment
        if name not in self.environments and len(self.environments) == 1:
            (name,) = self.environments
        if name not in self.environments:
            raise UsageError(
                f"the record does not have {environment}, only {', '.join(self.environments)}",
                f"Name one of these, or record {environment}, or a single environment.",
            )
        return name, self.environments[name]


def is_record(text: str) -> bool:
    """True if a text is a record, of any format."""
    document = document_in(text)
    return isinstance(document, dict) and document.get("kind") == _KIND


def written(record: Recorded) -> str:
    """The record as the text of a file."""
    document = {
        "kind": _KIND,
        "format": FORMAT,
        "platform": record.platform,
        "writes": record.writes,
        "environments": {
            name: {
                "exchanges": dict(one.exchanges),
                "latency_ms": {each: asdict(found) for each, found in one.latency.items()},
            }
            for name, one in record.environments.items()
        },
    }
    return pretty({**document, "digest": _digest(document)})


def read_record(text: str, name: str, platform: str, again: str) -> Recorded:
    """The record in a file's text. Messages contain the file's `name`, and the command `again`.

    Raises `RefusedError` if it is not a record, was edited, or is of another platform or format.
    """
    document = document_in(text)
    if not isinstance(document, dict) or document.get("kind") != _KIND:
        raise RefusedError(
            f"{name} is not a record of a conversation",
            "Name a file that `tapgen parity --live --record FILE` has written.",
        )
    again_hint = f"Create a new one: `{again}`."
    if document.get("format") != FORMAT:
        raise RefusedError(
            f"{name} has the format {document.get('format')}; this tapgen reads format {FORMAT}",
            again_hint,
        )
    if document.get("digest") != _digest(document):
        raise RefusedError(
            f"{name} was edited after it was written",
            f"Differences are allowed in the platform, with `may_differ`. {again_hint}",
        )
    if document.get("platform") != platform:
        raise RefusedError(
            f"{name} is of the platform {document.get('platform')}, but this is {platform}",
            again_hint,
        )
    try:
        environments = {name: _behaviour(one) for name, one in document["environments"].items()}
        return Recorded(platform, bool(document["writes"]), environments)
    except (AttributeError, LookupError, TypeError, ValueError) as error:  # with a made-up digest
        raise RefusedError(f"{name} is not a record of a conversation", again_hint) from error


def _behaviour(record: Mapping[str, Any]) -> Behaviour:
    """The behaviour in a record. Raises Python's errors if it is something else."""
    exchanges = {
        str(name): None if traits is None else {str(k): str(v) for k, v in traits.items()}
        for name, traits in record["exchanges"].items()
    }
    latency = {
        str(name): Latency(**{key: int(value) for key, value in one.items()})
        for name, one in record["latency_ms"].items()
    }
    return Behaviour(exchanges, latency)


def _digest(document: Mapping[str, Any]) -> str:
    content = {name: value for name, value in document.items() if name != "digest"}
    return sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
