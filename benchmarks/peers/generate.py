"""`python -m benchmarks.peers.generate PEER FOLDER`: write a peer's project.

It is a separate process because it loads troposphere, and a new process inherits the peak memory of
its parent, so the measuring one must stay small.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Final

from benchmarks.harness import ROOT
from benchmarks.peers import awscli, cdk, cfngin, platform, sceptre

# Returns a project's texts by path, for each peer.
GENERATORS: Final = {
    "sceptre": sceptre.files,
    "cfngin": cfngin.files,
    "cdk": cdk.files,
    "awscli": awscli.files,
}


def write(peer: str, folder: Path) -> None:
    """Write the project of the peer, and delete everything else in the folder."""
    shutil.rmtree(folder, ignore_errors=True)
    for path, text in GENERATORS[peer](platform.read(ROOT / "templates_out")).items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)


if __name__ == "__main__":
    write(sys.argv[1], Path(sys.argv[2]))
