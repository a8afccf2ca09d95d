"""Security findings that were weighed and accepted, recorded on the resource they concern."""

from __future__ import annotations

from tapgen.layers.layer import METADATA_KEY


def accepted(**reasons: str) -> dict[str, dict[str, dict[str, str]]]:
    """Resource `Metadata` that records accepted findings: short id -> reason."""
    return {
        METADATA_KEY: {
            "Accepted": {name.replace("_", "-"): reason for name, reason in sorted(reasons.items())}
        }
    }
