"""Values without the environment's name and account, to compare environments."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from tapgen.model.changes.differences import Order
from tapgen.model.templates.intrinsics import Unknown

_NAME: Final = "{environment}"
_ACCOUNT: Final = "{account}"


def unnamed(found: Any, name: str, account_id: str) -> Any:
    """A value in which placeholders replace the environment's name and account."""
    if isinstance(found, Mapping):
        return {key: unnamed(one, name, account_id) for key, one in found.items()}
    if isinstance(found, Order):
        return Order(unnamed(one, name, account_id) for one in found)
    if isinstance(found, list | tuple):
        return type(found)(unnamed(one, name, account_id) for one in found)
    if isinstance(found, Unknown):
        return Unknown(unnamed(found.expression, name, account_id))
    if not isinstance(found, str):
        return found
    for text, stand_in in ((name, _NAME), (account_id, _ACCOUNT)):
        if text and text in found:
            word = rf"(?<![A-Za-z0-9]){re.escape(text)}(?![A-Za-z0-9])"
            found = re.sub(word, stand_in, found)
    return found
