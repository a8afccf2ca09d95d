"""Every error that tapgen expects, each with what to do next.

Raise these anywhere; the only `except` that turns them into text and an exit code is in
`tapgen/cli/boundary.py`.
"""

from __future__ import annotations

from typing import ClassVar


class TapgenError(Exception):
    """An expected failure: what happened (`message`) and what to do next (`hint`)."""

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(TapgenError):
    """The command line asks for something that does not exist or does not fit together."""

    exit_code = 2


class RefusedError(TapgenError):
    """A guard said no: data loss, a wrong account, a plan that no longer holds."""

    exit_code = 4


class MissingExtraError(TapgenError):
    """A command needs libraries that come with one of tapgen's extras, and they are not there.

    The hint installs tapgen again from where it came from, be it an index, a folder or a wheel:
    what an index has under the same name may be something else.
    """

    def __init__(self, message: str, extra: str) -> None:
        wanted = f"'{_installed_from(extra)}'"
        super().__init__(
            message,
            f"install tapgen with the extra `{extra}`, by what installed tapgen:\n"
            f"  pip install {wanted}\n"
            f"  pipx install --force {wanted}\n"
            f"  uv tool install {wanted}",
        )


def _installed_from(extra: str) -> str:
    """The requirement that adds `extra` to this installation, as PEP 508 and PEP 610 have it."""
    import json
    from importlib.metadata import PackageNotFoundError, distribution

    try:
        origin = distribution("tapgen").read_text("direct_url.json")
    except PackageNotFoundError:  # run from a folder of sources
        origin = None
    if origin is None:
        return f"tapgen[{extra}]"
    place = json.loads(origin)
    url = place["url"]
    if "vcs_info" in place:
        url = f"{place['vcs_info']['vcs']}+{url}@{place['vcs_info']['commit_id']}"
    return f"tapgen[{extra}] @ {url}"
