from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from tests.behaviour.ledger import Entry
from tests.behaviour.run import Run
from tests.proof import report
from tests.proof.journey import Step

if TYPE_CHECKING:
    from pathlib import Path

DAY = date(2026, 12, 1)


def noted(name: str, result: str, **more: Any) -> dict[str, object]:
    return {
        "fact": name,
        "test": f"tests/behaviour/test_x.py::{name}",
        "origin": "from documentation: https://example.com",
        "result": result,
        "detail": "",
        "here": "",
        "seconds": 2.0,
        **more,
    }


def test_what_differs_comes_first_and_what_is_left_is_told(tmp_path: Path) -> None:
    run = Run.begin(tmp_path, "111111111111", "eu-west-1")
    run.note(noted("queues are blocked", "differs", detail="assert 1 == 2"), "gw0")
    run.note(noted("tables are blocked", "as told", here="it is quick"), "gw1")
    run.note(noted("parameters are blocked", "broke off"))
    run.ledger("gw0").add(Entry("queue", "taptest-q", "eu-west-1"))
    taken = [Step("deploy", 0, 90.0), Step("verify", 3, 6.0, "api: 1 failed\nnext: look")]
    lines = report.text(run, DAY, taken, ["no such role"]).splitlines()
    titles = [line.removeprefix("## ") for line in lines if line.startswith("## ")]
    assert titles == [
        "AWS differs from what the tests say",
        "Could not be asked to the end",
        "What went wrong beside",
        "Left in the account: run it again with PART=clean",
        "dev, step by step",
        "The local AWS is known to differ",
        'As the tests say: their origin can become `confirmed("2026-12-01")`',
    ]
    source = "(from documentation: https://example.com)"
    assert f"- queues are blocked {source}: assert 1 == 2" in lines
    assert f"- parameters are blocked {source}: no reason given" in lines
    assert "- queue taptest-q in eu-west-1" in lines
    assert "- deploy: done after 1.5 minutes" in lines
    assert "- verify: ended with 3 after 0.1 minutes" in lines
    assert "      api: 1 failed" in lines
    assert "- tables are blocked: it is quick; AWS: as told" in lines
    assert "- tables are blocked, 2 s: `tests/behaviour/test_x.py::tables are blocked`" in lines


def test_where_nothing_differs_only_that_is_told(tmp_path: Path) -> None:
    run = Run.begin(tmp_path, "111111111111", "eu-west-1")
    run.note(noted("a", "as told"))
    told = report.text(run, DAY, [], [])
    assert "1 facts were asked for, 0 differ." in told
    assert told.count("## ") == 1
