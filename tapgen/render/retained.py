"""Attributes of resources that are kept when their stack is deleted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from tapgen.model.layer import METADATA_KEY, REGENERABLE_KEY

# Kept on deletion and on replacement; the rollback of a failed creation still deletes the resource.
RETAINED: Final[dict[str, Any]] = {
    "DeletionPolicy": "RetainExceptOnCreate",
    "UpdateReplacePolicy": "Retain",
}


def regenerable(reason: str, metadata: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Attributes of a generated secret that may be replaced by another one.

    It is kept on deletion, and found when the stack is created again; on replacement it is deleted.
    `metadata` is the resource's other metadata.
    """
    notes = {**metadata.get(METADATA_KEY, {}), REGENERABLE_KEY: reason}
    return {
        "DeletionPolicy": "RetainExceptOnCreate",
        "UpdateReplacePolicy": "Delete",
        "Metadata": {**metadata, METADATA_KEY: notes},
    }
