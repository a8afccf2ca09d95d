"""What setup.cfg cannot say: where the repository is, and a README that can be read without it.

The links of README.md are relative, so they work on GitHub, in a clone and in a fork; a package
index has none of the files they lead to. A run of GitHub Actions knows which repository and commit
it builds, so there the links become absolute, and the project's addresses go along. Elsewhere links
become plain text: an address that was guessed may be somebody else's.

A wheel that is built from the source distribution has what was written into that.
"""

from __future__ import annotations

import os
import re
import shutil
from email.parser import HeaderParser
from pathlib import Path
from typing import TypedDict

from setuptools import setup

ROOT = Path(__file__).parent
_LINK = re.compile(r"\[(?P<text>[^]]+)\]\((?!https?:|#)(?P<target>[^)]+)\)")


class Published(TypedDict):
    """What a package index shows: arguments of `setup`."""

    long_description: str
    project_urls: dict[str, str]


def published() -> Published:
    """From the source distribution that this is, or else for the repository that is built."""
    built = ROOT / "PKG-INFO"
    if built.exists():
        message = HeaderParser().parsestr(built.read_text(encoding="utf-8"))
        urls = (line.split(", ", 1) for line in message.get_all("Project-URL", []))
        return {"long_description": str(message.get_payload()), "project_urls": dict(urls)}
    repository = _repository()
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    if repository is None:
        return {"long_description": _LINK.sub(r"\g<text>", readme), "project_urls": {}}
    files = f"{repository}/blob/{os.environ['GITHUB_SHA']}"
    return {
        "long_description": _LINK.sub(rf"[\g<text>]({files}/\g<target>)", readme),
        "project_urls": {
            "Source": repository,
            "Documentation": f"{repository}/tree/HEAD/docs",
            "Changelog": f"{repository}/blob/HEAD/CHANGELOG.md",
            "Issues": f"{repository}/issues",
            "Security": f"{repository}/security/policy",
        },
    }


def _repository() -> str | None:
    """Its address, where this folder is what a run of GitHub Actions checked out."""
    if Path(os.environ.get("GITHUB_WORKSPACE", "/nowhere")).resolve() != ROOT.resolve():
        return None  # another project's run that installs tapgen
    return f"{os.environ['GITHUB_SERVER_URL']}/{os.environ['GITHUB_REPOSITORY']}"


# An earlier build leaves its files there, and modules that are gone since would be installed again.
shutil.rmtree(ROOT / "build" / "lib", ignore_errors=True)
setup(**published(), long_description_content_type="text/markdown")
