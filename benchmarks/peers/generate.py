"""`python -m benchmarks.peers.generate PEER FOLDER`: write a peer's project.

A process of its own: it loads troposphere, and a process that is started begins with the memory of
the one before, so the one that measures stays small.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Final

from benchmarks.harness import ROOT
from benchmarks.peers import awscli, cdk, cfngin, platform, sceptre

# Gives a project's texts by path, for each peer.
GENERATORS: Final = {
    "sceptre": sceptre.files,
    "cfngin": cfngin.files,
    "cdk": cdk.files,
    "awscli": awscli.files,
}


def write(peer: str, folder: Path) -> None:
    """Write the project of the peer in the place of what is in the folder."""
    shutil.rmtree(folder, ignore_errors=True)
    for path, text in GENERATORS[peer](platform.read(ROOT / "templates_out")).items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)


if __name__ == "__main__":
    write(sys.argv[1], Path(sys.argv[2]))
