"""The validator as tapgen calls it: its own rules, and rules in the Guard language."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tapgen.errors import TapgenError, UsageError
from tapgen.render.rendering import Rendered
from tapgen.render.resolved import resolved_template
from tapgen.review.lint.findings import Finding
from tapgen.review.lint.scanners.engine import NOT_ASKED, Engine
from tests.review.lint.scanners.conftest import GUARD_RULE


@pytest.fixture(scope="module")
def guard(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("guard")
    (folder / "sns").mkdir()
    (folder / "sns" / "topics.guard").write_text(GUARD_RULE)
    (folder / "README.md").write_text("no rule {")
    return folder


def findings(engine: Engine, world: Rendered, environment: str) -> list[Finding]:
    (stack,) = world.stacks[environment]
    return [*engine.findings(stack, json.dumps(resolved_template(stack)), "out")]


def test_its_own_rules_find_with_place_and_environment(world: Any) -> None:
    of = world()
    (one,) = findings(Engine(), of, "dev")
    (text,) = [template.text for template in of.templates.values()]
    assert text[one.column - 1 :].startswith('"Properties"')
    assert one == Finding(
        "out/data.json",
        1,
        one.column,
        "W3663",
        "security",
        "warning",
        "Lambda Permission with a SourceArn that has no account id should also specify "
        "SourceAccount",
        layer="data",
        logical_id="Grant",
        environments=("dev",),
    )


def test_guard_rules_tell_once_for_each_resource_what_is_wrong(world: Any, guard: Path) -> None:
    engine = Engine([guard])
    told = {
        environment: [
            (one.rule, one.name, one.severity, one.logical_id, one.message)
            for one in findings(engine, world(), environment)
            if one.rule.startswith("SNS")
        ]
        for environment in ("dev", "prod")
    }
    fifo = (
        "SNS_SOME_TOPIC_IS_FIFO",
        "guard",
        "error",
        "",
        "Guard check `%fifo not EMPTY` failed",
    )
    message = "Topics have names. Fix: Set the property TopicName."
    named = ("SNS_TOPIC_NAMED", "guard", "error", "Topic", message)
    assert sorted(told["dev"]) == [fifo, named]
    assert told["prod"] == [fifo]


def test_a_single_file_of_rules_will_do(guard: Path) -> None:
    rules = Engine([guard / "sns" / "topics.guard"]).rules
    assert {"SNS_TOPIC_NAMED", "SNS_SOME_TOPIC_IS_FIFO", "W3663"} <= rules


def test_rules_that_are_not_asked_exist_and_have_a_reason(world: Any) -> None:
    engine = Engine()
    own = {rule for rule in NOT_ASKED if rule.startswith("W")}
    assert own
    assert not own & engine.rules
    assert own <= {rule.id for rule in engine._engine.list_rules()}
    assert all(reason.endswith(".") for reason in NOT_ASKED.values())
    assert not NOT_ASKED.keys() & {one.rule for one in findings(engine, world(), "dev")}


def test_an_unreadable_template_does_not_pass_for_a_clean_one(world: Any) -> None:
    (stack,) = world().stacks["dev"]
    with pytest.raises(TapgenError, match=r"the scan of dev\.data did not finish: error"):
        [*Engine().findings(stack, "{", "out")]


def test_rules_that_do_not_parse_are_told(tmp_path: Path) -> None:
    (tmp_path / "broken.guard").write_text("rule {")
    with pytest.raises(TapgenError, match=r"the Guard rules are not valid: .*broken\.guard"):
        Engine([tmp_path])


def test_a_folder_without_rules_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="has no Guard rules"):
        Engine([tmp_path])


def test_without_the_extra_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cloudformation_validate", None)
    with pytest.raises(TapgenError, match="which is not installed") as raised:
        Engine()
    assert raised.value.hint.startswith("install tapgen with the extra `policy`")
