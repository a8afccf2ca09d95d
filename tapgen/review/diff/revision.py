"""Committed files: those of a git revision, read without a checkout."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tapgen.errors import TapgenError, UsageError

# The main branch, first that of the server: the local one may be behind.
_MAIN: Final = ("origin/main", "main")
_NAME_IT: Final = "Name what to compare with: --against REVISION."
_TRUST: Final = "git config --global --add safe.directory"  # git's own advice
_SHORT: Final = 10  # characters of a commit's hash that are shown


@dataclass(frozen=True)
class Revision:
    """A commit, and a description of it."""

    commit: str
    label: str


def merge_base(folder: Path) -> Revision:
    """The commit at which the current branch left the main branch.

    Raises `TapgenError` outside of git, without a main branch, and in a clone that is too shallow.
    """
    for branch in _MAIN:
        if _commit(folder, branch) is None:
            continue
        base = _git(folder, "merge-base", "HEAD", branch)
        if base is None:
            raise TapgenError(
                f"HEAD and {branch} have no common commit here{_shallow(folder)}",
                f"Fetch the history (`git fetch --unshallow`). {_NAME_IT}",
            )
        commit = base.decode().strip()
        return Revision(commit, f"{commit[:_SHORT]} (merge base with {branch})")
    raise TapgenError(
        f"neither {' nor '.join(_MAIN)} exists to compare with{_shallow(folder)}",
        f"Fetch the branch (`git fetch origin main`). {_NAME_IT}",
    )


def revision(folder: Path, name: str) -> Revision:
    """The commit with that name. Raises `UsageError` if there is none."""
    commit = _commit(folder, name)
    if commit is None:
        raise UsageError(
            f"{name!r} is neither an environment nor a git revision{_shallow(folder)}",
            "--against accepts `deployed`, an environment's name, or a branch, tag or commit.",
        )
    return Revision(commit, f"{name} ({commit[:_SHORT]})")


def head(folder: Path, but: str) -> tuple[str, bool] | None:
    """The commit that is checked out, and whether files in `folder` differ from it.

    Files below `but` are ignored. None if that is not known: outside of git, without a commit,
    without git.
    """
    try:
        commit = _commit(folder, "HEAD")
        changed = _git(folder, "status", "--porcelain", "--", ".", f":(exclude){but}")
    except TapgenError:
        return None
    return (commit, bool(changed)) if commit else None


def files(folder: Path, commit: str, directory: Path) -> dict[str, str]:
    """Path relative to `directory` -> text, for each JSON file below it."""
    inside = _inside(folder, directory)
    below = f"{inside}/" if inside else ""
    listing = _git(
        folder, "ls-tree", "-r", "-z", "--full-tree", commit, "--", *filter(None, [below])
    )
    found: dict[str, str] = {}
    for entry in (listing or b"").decode(errors="replace").split("\0"):
        about, _, path = entry.partition("\t")
        if path.endswith(".json"):
            found[path.removeprefix(below)] = about.split()[2]
    return dict(zip(found, _blobs(folder, list(found.values())), strict=True))


def _inside(folder: Path, directory: Path) -> str:
    """The directory's path in its repository."""
    top = _git(folder, "rev-parse", "--show-toplevel")
    root = Path((top or b"").decode().strip())
    path = (folder / directory).resolve()
    if not path.is_relative_to(root.resolve()):
        raise UsageError(
            f"{directory} is outside of the git repository {root}",
            "Name a folder inside the repository with --templates.",
        )
    inside = path.relative_to(root.resolve()).as_posix()
    return "" if inside == "." else inside


def _blobs(folder: Path, objects: list[str]) -> list[str]:
    """The texts of objects, read by one process."""
    answer = _git(folder, "cat-file", "--batch", given="".join(f"{name}\n" for name in objects))
    rest, texts = answer or b"", []
    for _ in objects:
        heading, _, rest = rest.partition(b"\n")
        if heading.endswith(b" missing"):
            raise TapgenError(
                f"this clone lacks a committed file: {heading.decode()}",
                f"Fetch what is missing (`git fetch --refetch`). {_NAME_IT}",
            )
        size = int(heading.split()[2])
        texts.append(rest[:size].decode(errors="replace"))
        rest = rest[size + 1 :]
    return texts


def _commit(folder: Path, name: str) -> str | None:
    found = _git(
        folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}"
    )
    return found.decode().strip() if found else None


def _shallow(folder: Path) -> str:
    answer = _git(folder, "rev-parse", "--is-shallow-repository")
    return ", and this clone is shallow" if answer == b"true\n" else ""


def _git(folder: Path, *arguments: str, given: str = "") -> bytes | None:
    """The output of git; None if it exits with 1 and without a message, which means no.

    Raises `TapgenError` without git or a repository, and with git's message for other failures.
    """
    program = shutil.which("git")
    if program is None:
        raise TapgenError("git is not installed, so there is no revision to compare with", _NAME_IT)
    ran = subprocess.run(  # noqa: S603 - a fixed program; names stand behind --end-of-options
        [program, *arguments],
        cwd=folder,
        env={**os.environ, "LC_ALL": "C", "LANGUAGE": ""},  # its messages are compared below
        input=given.encode(),
        capture_output=True,
        check=False,
    )
    if ran.returncode == 0:
        return ran.stdout
    words = ran.stderr.decode(errors="replace").strip()
    if ran.returncode == 1 and not words:
        return None
    if "not a git repository" in words:
        raise TapgenError(
            f"{folder} is not in a git repository, so there is no revision to compare with",
            "Run tapgen in the project's clone, or use --against deployed or an environment.",
        )
    first = words.partition("\n")[0].removeprefix("fatal: ") or f"it ended with {ran.returncode}"
    raise TapgenError(f"git cannot read what is committed: {first}", _way_out(words))


def _way_out(words: str) -> str:
    """The hint for an error message of git."""
    trust = next((line.strip() for line in words.splitlines() if _TRUST in line), "")
    if trust:
        return f"The clone belongs to another user. If you trust its contents: `{trust}`."
    return f"Correct this, or compare with another revision. {_NAME_IT}"
