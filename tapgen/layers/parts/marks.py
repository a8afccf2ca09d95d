"""How a resource is marked: kept when its stack lets go of it, or excused from a security rule."""

from __future__ import annotations

from typing import Any, Final

from tapgen.layers.blueprint import METADATA_KEY

# Attributes of every stateful resource: only a failed creation may remove it. Its name is
# deterministic, so the next deployment finds it again and adopts it.
RETAINED: Final = {"DeletionPolicy": "RetainExceptOnCreate", "UpdateReplacePolicy": "Retain"}


def accepted(**reasons: str) -> dict[str, Any]:
    """Metadata of a resource that deviates from a security rule, with the reason of each deviation.

    Names are written with underscores and recorded with hyphens: `no_access_logging` becomes
    `no-access-logging`.
    """
    return {
        METADATA_KEY: {
            "Accepted": {name.replace("_", "-"): reason for name, reason in reasons.items()}
        }
    }
