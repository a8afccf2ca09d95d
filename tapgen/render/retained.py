"""What is kept when its stack goes away."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from tapgen.model.layer import METADATA_KEY, REGENERABLE_KEY

# Kept on deletion and on replacement; only a create that fails takes its own leftovers along.
RETAINED: Final[dict[str, Any]] = {
    "DeletionPolicy": "RetainExceptOnCreate",
    "UpdateReplacePolicy": "Retain",
}


def regenerable(reason: str, metadata: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """For a generated secret that may be replaced, because another one does as well.

    A stack that is made again finds it; the one that is replaced goes, since it was given up.
    `metadata` is what else the resource notes.
    """
    notes = {**metadata.get(METADATA_KEY, {}), REGENERABLE_KEY: reason}
    return {
        "DeletionPolicy": "RetainExceptOnCreate",
        "UpdateReplacePolicy": "Delete",
        "Metadata": {**metadata, METADATA_KEY: notes},
    }
