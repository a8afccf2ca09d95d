"""Every error that tapgen expects, each with what to do next.

Raise these anywhere; the only `except` that turns them into text and an exit code is in
`tapgen/cli/boundary.py`.
"""

from __future__ import annotations

from errno import EMFILE, ENFILE
from typing import ClassVar, Final

# The process, or the whole machine, cannot open more files.
NO_FILES: Final = frozenset({EMFILE, ENFILE})
OPEN_FILES: Final = "This shell allows too few open files: raise `ulimit -n` to 256 or more."


class TapgenError(Exception):
    """An expected failure: what happened (`message`) and what to do next (`hint`)."""

    exit_code: ClassVar[int] = 1
    kind: ClassVar[str] = "failed"
    place: tuple[str, int, int] | None = None  # path, line and column, if it is about one place
    is_told = False  # whether the result on stdout already contains it

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(TapgenError):
    """The command line asks for something that does not exist or does not fit together."""

    exit_code = 2
    kind = "usage"


class RefusedError(TapgenError):
    """A guard refused: data loss, a wrong account, a plan that is out of date."""

    exit_code = 4
    kind = "refused"


class MissingExtraError(TapgenError):
    """A command needs libraries of one of tapgen's extras that are not installed.

    The hint installs tapgen again from where it came from, an index, a folder or a wheel: an index
    may have something else under the same name. It names installed extras as well, because pipx
    and uv begin with an empty environment.
    """

    def __init__(self, message: str, extra: str) -> None:
        wanted = f"'tapgen[{','.join(_extras_with(extra))}]{_origin()}'"
        super().__init__(
            message,
            f"install tapgen with the extra `{extra}`, using the tool that installed tapgen:\n"
            f"  pip install {wanted}\n"
            f"  pipx install --force {wanted}\n"
            f"  uv tool install {wanted}",
        )


# Extra -> a module that only this extra installs.
_EXTRAS: Final = {"local": "ministack", "policy": "cloudformation_validate"}


_LOCALLY: Final = " @ file:"


def _extras_with(extra: str) -> list[str]:
    """`extra`, and the others that are installed."""
    from importlib.util import find_spec

    return [name for name, module in _EXTRAS.items() if name == extra or find_spec(module)]


def _origin() -> str:
    """The part of a requirement after name and extras (PEP 508); "" if it came from an index."""
    import json
    from importlib.metadata import PackageNotFoundError, distribution

    try:
        origin = distribution("tapgen").read_text("direct_url.json")  # PEP 610
    except PackageNotFoundError:  # run from a folder of sources
        origin = None
    if origin is None:
        return ""
    place = json.loads(origin)
    url = place["url"]
    if "vcs_info" in place:
        url = f"{place['vcs_info']['vcs']}+{url}@{place['vcs_info']['commit_id']}"
    return f" @ {url}"


def from_here(extra: str) -> str:
    """The running tapgen, with an extra, if only this machine has it; otherwise ""."""
    origin = _origin()
    return f"tapgen[{extra}]{origin}" if origin.startswith(_LOCALLY) else ""


def requirement(extra: str) -> str:
    """The running tapgen, with an extra, as lines of a requirements file for other machines.

    If it came from a folder or a file of this machine, the lines are its version and a remark.
    """
    from tapgen import __version__

    origin = _origin()
    if origin and not origin.startswith(_LOCALLY):
        return f"tapgen[{extra}]{origin}"
    pinned = f"tapgen[{extra}] == {__version__}"
    if not origin:
        return pinned
    return f"""\
# It was installed from a file or a folder of the machine that began this project. Unless an index
# of yours has this version, name where colleagues and CI get it from, for instance
#   tapgen[{extra}] @ git+https://git.example.com/tapgen.git@v{__version__}
{pinned}"""
