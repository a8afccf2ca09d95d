"""What is kept when its stack goes away."""

from __future__ import annotations

from typing import Any, Final

# Kept on deletion and on replacement; only a create that fails takes its own leftovers along.
RETAINED: Final[dict[str, Any]] = {
    "DeletionPolicy": "RetainExceptOnCreate",
    "UpdateReplacePolicy": "Retain",
}
