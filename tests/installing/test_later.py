from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

LATER = Path(__file__).parents[2] / ".ci" / "later"


def test_a_clock_that_stays_is_no_success(tmp_path: Path) -> None:
    """The linker only warns of a library that it cannot load, and the tests would prove nothing."""
    script = tmp_path / ".ci" / "later"
    script.parent.mkdir()
    shutil.copy(LATER, script)
    ran = subprocess.run(
        [script, "365d", "echo", "a year ahead"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ran.returncode == 1
    assert ran.stdout == ""
    assert "the clock was not moved forward" in ran.stderr
