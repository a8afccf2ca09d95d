"""Chromium or Chrome for the tests of pages: found, or installed where that can be done.

`make browser`, a part of `make test`, runs this file. Where no browser is found and none can be
installed, those tests are skipped; in CI (the environment variable CI) that is a failure.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MISSING = (
    "there is no Chromium or Chrome on the PATH; `make browser` installs Debian's package "
    "`chromium` where there is apt-get, and root or sudo without a password"
)


def find() -> str | None:
    """The path of a browser."""
    return next(filter(None, map(shutil.which, NAMES)), None)


def required() -> bool:
    """Whether tests must not be skipped."""
    return os.environ.get("CI", "").lower() not in {"", "0", "false"}


def install() -> None:
    """Install it from the distribution, quietly; whether that worked is for `find` to say."""
    if not shutil.which("apt-get"):
        return
    root: list[str] = []
    if os.geteuid() != 0:
        root = ["sudo", "-n"]
        if not shutil.which("sudo") or subprocess.run([*root, "true"], check=False).returncode:
            return
    print("installing chromium")
    apt = [*root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
    apt += ["-o", "DPkg::Lock::Timeout=120"]
    for step in (["update"], ["install", "--yes", "--no-install-recommends", "chromium"]):
        subprocess.run([*apt, *step], check=False, stdout=subprocess.DEVNULL, timeout=600)


def main() -> int:
    """0 where the tests can run, or may be skipped."""
    if not find():
        install()
    if found := find():
        print(f"browser: {found}")
        return 0
    print(MISSING, file=sys.stderr)
    return int(required())


if __name__ == "__main__":
    sys.exit(main())
