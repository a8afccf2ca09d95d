"""Options that a platform brings: none may be there already."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.mark.parametrize(
    ("name", "words", "told"),
    [
        (
            "TAKEN",
            ["deploy", "dev"],
            "guard_options of the platform has '--yes', but the command",
        ),
        ("ENGINES", ["plan", "dev"], "guard_options of the platform has '--allow-unprotect', but"),
        ("ODD", ["deploy", "dev"], "guard_options of the platform has 'allow', but options are"),
        ("COPYING", ["env", "new", "qa"], "copy_options of the platform has '--region', but the c"),
    ],
)
@pytest.mark.usefixtures("project")
def test_an_option_that_cannot_be_given_is_told(
    tapgen: Any, monkeypatch: pytest.MonkeyPatch, name: str, words: list[str], told: str
) -> None:
    monkeypatch.setenv("TAPGEN_PLATFORM", f"tests.cli.guarding:{name}")
    ran = tapgen(*words)
    assert ran.code == 1
    assert ran.err.startswith(f"error: {told}")
    assert "next: Choose another name, for example --allow-something." in ran.err
