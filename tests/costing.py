"""Runs tapgen and counts what does not depend on the machine: calls, modules, files."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

from tests.paths import ROOT

HEAVY = {
    "awacs",
    "boto3",
    "botocore",
    "cfnlint",
    "cloudformation_validate",
    "dns",
    "jinja2",
    "ministack",
    "msgspec",
    "networkx",
    "rich",
    "sympy",
    "troposphere",
    "yaml",
}

# What a forked process does is its own cost.
COUNTING = """
import atexit, os, sys
calls, opened = 0, []
def count(frame, event, argument):
    global calls
    calls += event == "call"
def note(event, arguments):
    # Bytecode is written under another name first.
    if event == "open" and not (name := str(arguments[0])).endswith(".py") and ".pyc" not in name:
        opened.append(name)
def report():
    sys.setprofile(None)
    modules = sorted(sys.modules)
    import json
    with open(os.environ["REPORT"], "w") as file:
        json.dump({"calls": calls, "opened": opened, "modules": modules}, file)
atexit.register(report)
os.register_at_fork(after_in_child=lambda: sys.setprofile(None))
sys.addaudithook(note)
sys.setprofile(count)
from tapgen.cli.main import main
main(sys.argv[1:])
"""


class Cost(NamedTuple):
    """Python functions called (imports included), files opened but code, modules loaded."""

    calls: int
    opened: list[str]
    modules: set[str]
    exit_code: int
    errors: str

    @property
    def heavy(self) -> set[str]:
        return {module.partition(".")[0] for module in self.modules} & HEAVY


class Project:
    """A copy, because the cache keeps nothing while files come and go beside the code, as
    coverage's do.

    Nothing of who runs the tests gets in: neither settings, credentials, caches nor bytecode.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("envs", "templates_out"):
            shutil.copytree(ROOT / name, folder / name)
        without = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / "tapgen", folder / "code" / "tapgen", ignore=without)
        time.sleep(2.1)  # what is younger than a file system's clock can tell is not cached

    def run(self, *arguments: str) -> None:
        """Run without counting, for the bytecode and the cache that it leaves."""
        self._run("-m", "tapgen", *arguments)

    def cost(self, *arguments: str, **variables: str) -> Cost:
        """Run once, with these variables set; whatever it ends with."""
        ran = self._run("-c", COUNTING, *arguments, **variables)
        report = json.loads((self.folder / "report.json").read_text())
        modules = set(report["modules"])
        return Cost(report["calls"], report["opened"], modules, ran.returncode, ran.stderr)

    def add_environments(self, count: int) -> None:
        """Add copies of dev in accounts and networks of their own."""
        dev = (self.folder / "envs" / "dev.yaml").read_text()
        for number in range(count):
            own = (
                dev.replace("name: dev", f"name: qa{number}")
                .replace("111111111111", f"{500000000000 + number}")
                .replace("dev.api.example.com", f"qa{number}.api.example.com")
                .replace("10.10.0.0/16", f"10.{100 + number}.0.0/16")
            )
            (self.folder / "envs" / f"qa{number}.yaml").write_text(own)

    def _run(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        # -S: what `.pth` files load differs from one installation to the next.
        return subprocess.run(
            [sys.executable, "-P", "-S", *arguments],
            cwd=self.folder,
            env=self._environment() | variables,
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )

    def _environment(self) -> dict[str, str]:
        needed = {"PATH", "LD_LIBRARY_PATH"}
        inherited = {name: value for name, value in os.environ.items() if name in needed}
        libraries = [path for path in sys.path if path.endswith("-packages")]
        return inherited | {
            "AWS_EC2_METADATA_DISABLED": "true",  # nobody is asked for credentials
            "HOME": str(self.folder),
            "PYTHONPATH": os.pathsep.join([str(self.folder / "code"), *libraries]),
            "PYTHONPYCACHEPREFIX": str(self.folder / "bytecode"),
            "REPORT": str(self.folder / "report.json"),
            "XDG_CACHE_HOME": str(self.folder / "cache"),
        }
