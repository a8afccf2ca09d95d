"""What commands print, compared with files that were reviewed once.

TAPGEN_UPDATE_GOLDEN=1 writes them anew; look at the difference before committing it.
"""

from __future__ import annotations

import os
from pathlib import Path

GOLDEN = Path(__file__).parent / "golden"


def check(name: str, text: str) -> None:
    """Assert that the text is that of `tests/golden/<name>`."""
    path = GOLDEN / name
    if os.environ.get("TAPGEN_UPDATE_GOLDEN"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    assert text == path.read_text()
