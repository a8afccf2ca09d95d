"""What every request that changes something carries."""

from __future__ import annotations

import re
from typing import Final
from uuid import uuid4

_RELEASE: Final = re.compile(r"tapgen-release-(\d+)-")


def request_token(release: int | None = None) -> str:
    """Tells AWS, when a request comes twice because its answer was lost, that it is the same.

    It also says which `release` the request is part of. "All events triggered by a given stack
    operation are assigned the same client request token", and the console shows it (CloudFormation
    API reference, StackEvent), so a stack carries the number of the release that changed it, and
    neither its template nor the tags of its resources know of it.
    """
    return f"tapgen-{uuid4()}" if release is None else f"tapgen-release-{release}-{uuid4()}"


def release_of(token: str) -> int | None:
    """The release that a request's token names; None where it names none."""
    found = _RELEASE.match(token)
    return int(found[1]) if found else None
