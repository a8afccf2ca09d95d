"""What is left out of an import, and for how long."""

from __future__ import annotations

import subprocess
import sys

from tapgen.render.leaving_out import left_out


def test_what_is_left_out_is_empty_and_comes_back() -> None:
    with left_out("this"):
        import this

        assert not hasattr(this, "s")
    assert "this" not in sys.modules


def test_two_threads_may_leave_out_the_same() -> None:
    first, second = left_out("this"), left_out("this")
    first.__enter__()
    del sys.modules["this"]  # as if both had looked before either did anything
    second.__enter__()
    first.__exit__(None, None, None)
    second.__exit__(None, None, None)
    assert "this" not in sys.modules


def test_what_is_loaded_stays() -> None:
    with left_out("json"):
        import json

        assert json.loads("1") == 1
    assert sys.modules["json"] is json


def test_templates_are_built_without_what_makes_yaml() -> None:
    program = (
        "import sys\n"
        "from tapgen.payments.layers.registry import LAYERS\n"
        "for layer in LAYERS: layer.build()\n"
        "assert 'troposphere' in sys.modules\n"
        "assert 'cfn_flip' not in sys.modules\n"
        "import cfn_flip\n"
        "assert cfn_flip.to_json('a: 1')\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
