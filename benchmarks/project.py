"""Projects for measurements: the shipped environments, or any number of them."""

from __future__ import annotations

import shutil
import subprocess
import time
from pathlib import Path
from typing import Final

from benchmarks.harness import ROOT, TAPGEN, Command

COPIED = ("envs", "templates_out", "tapgen", ".cfnlintrc")


_COARSEST_CLOCK: Final = 2.1  # seconds, see tapgen/render/memory/evidence.py


class Project:
    """A copy of the project and of tapgen itself in a separate folder, with its own cache."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "project"
        self.cache = folder / "cache"
        self.folder.mkdir(parents=True)
        for name in COPIED:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(
                    source, self.folder / name, ignore=shutil.ignore_patterns("__pycache__")
                )
            else:
                shutil.copy(source, self.folder)

    def settle(self) -> None:
        """Wait until the new files are old enough for the cache to trust their timestamps."""
        time.sleep(_COARSEST_CLOCK)

    def tapgen(self, *arguments: str, cores: int | None = None, cold: bool = False) -> Command:
        """`tapgen` with these arguments. `cold` deletes the cache before each run."""
        return Command(
            (*TAPGEN, *arguments),
            self.folder,
            {"PYTHONPATH": str(self.folder), "XDG_CACHE_HOME": str(self.cache)},
            prepare=self.forget if cold else lambda: None,
            cores=cores,
        )

    def forget(self) -> None:
        """Delete the cache."""
        shutil.rmtree(self.cache, ignore_errors=True)

    def multiply(self, count: int, account: str = "") -> None:
        """Create `count` environments: replicas of dev with separate networks.

        Each is in its own account, or all are in `account`.
        """
        (self.folder / "envs" / "staging.yaml").unlink()
        (self.folder / "envs" / "prod.yaml").unlink()
        dev = self.folder / "envs" / "dev.yaml"
        text = dev.read_text()
        dev.unlink()
        for number in range(count):
            name = f"qa{number}"
            own = (
                text.replace("name: dev", f"name: {name}")
                .replace("111111111111", account or f"{500000000000 + number}")
                .replace("dev.api.example.com", f"{name}.api.example.com")
                .replace("10.10.0.0/16", f"10.{number // 4}.{number % 4 * 64}.0/18")
            )
            if account:  # an account has one role for API Gateway's logs
                own = own.replace("api:\n", "api:\n  manage_account_logging: false\n")
            (self.folder / "envs" / f"{name}.yaml").write_text(own)

    def commit(self) -> None:
        """Commit everything to git, for `tapgen diff`."""
        identity = ("-c", "user.name=bench", "-c", "user.email=bench@example.com")
        for arguments in (
            ("init", "--quiet", "--initial-branch=main"),
            ("add", "--all"),
            (*identity, "commit", "--quiet", "--message=benchmark"),
        ):
            subprocess.run(["git", *arguments], cwd=self.folder, check=True)  # noqa: S603, S607 - fixed
