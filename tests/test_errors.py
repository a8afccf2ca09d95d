from __future__ import annotations

import pytest

from tapgen.errors import RefusedError, TapgenError, UsageError


@pytest.mark.parametrize(("kind", "code"), [(TapgenError, 1), (UsageError, 2), (RefusedError, 4)])
def test_an_error_says_what_happened_and_what_to_do(kind: type[TapgenError], code: int) -> None:
    error = kind("no such layer", "Did you mean data?")
    assert (str(error), error.message, error.hint) == (
        "no such layer",
        "no such layer",
        "Did you mean data?",
    )
    assert error.exit_code == code
    assert kind("no such layer").hint == ""
    assert isinstance(error, TapgenError)
