"""Metadata that setup.cfg cannot contain: the repository's URLs, and a README without dead links.

The links in README.md are relative, so they work on GitHub, in a clone and in a fork, but not on a
package index. A run of GitHub Actions knows its repository and commit, so there the links become
absolute, and the project's URLs are added. Elsewhere links become plain text, because a guessed URL
may belong to someone else.

A wheel that is built from the source distribution uses the metadata in it.
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
    """Metadata for a package index: arguments of `setup`."""

    long_description: str
    project_urls: dict[str, str]


def published() -> Published:
    """The metadata from this source distribution, or otherwise for the repository."""
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
    """The repository's URL, if a run of GitHub Actions has checked out this folder."""
    if Path(os.environ.get("GITHUB_WORKSPACE", "/nowhere")).resolve() != ROOT.resolve():
        return None  # another project's run that installs tapgen
    return f"{os.environ['GITHUB_SERVER_URL']}/{os.environ['GITHUB_REPOSITORY']}"


# An earlier build leaves its files there, so deleted modules would be installed again.
shutil.rmtree(ROOT / "build" / "lib", ignore_errors=True)
setup(**published(), long_description_content_type="text/markdown")
