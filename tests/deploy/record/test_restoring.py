"""Stacks that are made again from a ledger, without AWS; tests/operations deploys them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tapgen.deploy.plan.plan_file import stack_record
from tapgen.deploy.record.ledger import Ledger, code_key, template_key
from tapgen.deploy.record.places import Folder
from tapgen.deploy.record.restoring import restored
from tapgen.errors import TapgenError
from tapgen.model.layer import OutputRef, ParameterRef
from tapgen.model.rollback import Declared
from tapgen.model.stack import CODE_KEY_SETTING, Stack
from tapgen.render.code.function_package import Code
from tests.lab import CODE, REGION, Lab

OTHER = Code((("functions/handler.py", b"other"),))


@pytest.fixture
def nowhere() -> Lab:
    """A laboratory whose AWS is never asked."""
    local: Any = SimpleNamespace(endpoint_url="http://127.0.0.1:9")
    return Lab(local, "111111111111")


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(Folder(tmp_path), REGION, "lab")


def keep(ledger: Ledger, *stacks: Stack, codes: tuple[Code, ...] = ()) -> dict[str, Declared]:
    """Have them in the ledger, as release 3 would."""
    for stack in stacks:
        ledger.keep({template_key(stack.template.sha256): stack.template.text.encode})
    for code in codes:
        ledger.keep({code_key(code.sha256): code.zip})
    return {stack.layer: Declared(3, stack_record(stack)) for stack in stacks}


def data(lab: Lab, value: str, **more: Any) -> Stack:
    return lab.stack(
        "data", {"Note": lab.note({"Ref": "Value"})}, parameters={"Value": value}, **more
    )


def with_code(lab: Lab, layer: str, code: Code) -> Stack:
    return lab.stack(
        layer,
        {"Note": lab.note({"Ref": "Key"})},
        parameters={"Key": code.key},
        settings={"Key": CODE_KEY_SETTING},
    )


def test_a_stack_is_what_it_was_and_others_are_what_they_are_now(
    nowhere: Lab, ledger: Ledger
) -> None:
    then = replace(
        data(nowhere, "old", deadline_minutes=3, outputs={"Name": {"Ref": "Note"}}),
        tags={"Environment": "lab", "Layer": "data", "Owner": "then"},
    )
    gone = nowhere.stack("gone", {"Note": nowhere.note()})
    api = nowhere.stack("api", {"Note": nowhere.note()}, inputs={"In": OutputRef("data", "Name")})
    zone = nowhere.stack("zone", {"Note": nowhere.note()})
    declared = keep(ledger, api, gone, then)
    today = nowhere.target(zone, data(nowhere, "new", deadline_minutes=9))
    target, notes = restored(today, ledger, declared)
    assert notes == ()
    assert target.stacks == {
        "zone": zone,
        "data": replace(then, deadline_minutes=9),
        "gone": replace(gone, deadline_minutes=None),
        "api": api,
    }
    assert [*target.stacks].index("api") > [*target.stacks].index("data")
    assert target.code is today.code


def test_protection_is_that_of_today(nowhere: Lab, ledger: Ledger) -> None:
    def guarded(on: bool) -> Stack:
        return nowhere.stack(
            "data",
            {"Note": nowhere.note({"Ref": "On"})},
            parameters={"On": str(on).lower()},
            settings={"On": "protection"},
            protected=on,
        )

    for then in (False, True):
        declared = keep(ledger, guarded(then))
        target, _ = restored(nowhere.target(guarded(not then)), ledger, declared)
        assert target.stacks["data"] == guarded(not then)


def test_versions_take_over_as_then_unless_this_run_says_otherwise(
    nowhere: Lab, ledger: Ledger
) -> None:
    note = nowhere.note({"Ref": "Rollout"})
    settings = {"Rollout": "functions.rollout"}
    then, now = (
        nowhere.stack("jobs", {"Note": note}, parameters={"Rollout": way}, settings=settings)
        for way in ("canary-10-5", "linear-10-1")
    )
    declared = keep(ledger, then)
    for option, way in ((None, "canary-10-5"), ("all-at-once", "all-at-once")):
        target, _ = restored(nowhere.target(now, rollout=option), ledger, declared)
        assert target.stacks["jobs"].parameters == {"Rollout": way}


def test_an_input_may_be_left_out_where_it_has_a_default(nowhere: Lab, ledger: Ledger) -> None:
    api = nowhere.stack(
        "api",
        {"Note": nowhere.note()},
        inputs={
            "Domain": OutputRef("dns", "Name", optional=True),
            "Other": OutputRef("dns", "Name", environment="prod"),
            "Vpc": ParameterRef("/vpc"),
        },
        defaults={"Domain": "", "Other": "", "Vpc": ""},
    )
    target, _ = restored(nowhere.target(api), ledger, keep(ledger, api))
    made = target.stacks["api"].inputs
    assert {name: str(source) for name, source in made.items()} == {
        "Domain": "dns.Name",
        "Other": "prod.dns.Name",
        "Vpc": str(ParameterRef("/vpc")),
    }
    assert [name for name, source in made.items() if source.optional] == ["Domain"]


def test_each_layer_has_the_code_that_it_took(nowhere: Lab, ledger: Ledger) -> None:
    one, other = with_code(nowhere, "api", CODE), with_code(nowhere, "jobs", OTHER)
    declared = keep(ledger, one, other, codes=(CODE, OTHER))
    target, _ = restored(nowhere.target(data(nowhere, "x")), ledger, declared)
    assert [target.code_of(stack) for stack in (one, other)] == [CODE, OTHER]
    assert target.code_of(data(nowhere, "x")) == target.code == CODE


def test_all_records_that_are_none_or_somebody_elses_are_told(nowhere: Lab, ledger: Ledger) -> None:
    declared = keep(ledger, data(nowhere, "x"), nowhere.stack("zone", {"Note": nowhere.note()}))
    elsewhere = {**declared["zone"].stack, "account_id": "222222222222"}
    wrong = {"api": Declared(2, {}), "zone": Declared(3, elsewhere), "data": declared["data"]}
    with pytest.raises(TapgenError) as told:
        restored(nowhere.target(data(nowhere, "x")), ledger, wrong)
    message = told.value.message
    assert message.startswith("these layers cannot be restored:\n  api: the record of release 2")
    assert "stack.name is missing" in message
    assert (
        "zone: the record of release 3: stack.account_id is 222222222222, but here it is" in message
    )
    assert "data:" not in message
    assert f"Nothing was done. Look at {ledger.name}" in told.value.hint


def test_all_templates_that_are_gone_or_changed_are_told(
    nowhere: Lab, ledger: Ledger, tmp_path: Path
) -> None:
    stacks = [nowhere.stack(name, {name: nowhere.note()}) for name in ("data", "zone", "api")]
    declared = keep(ledger, *stacks)
    first, second, _ = (template_key(stack.template.sha256) for stack in stacks)
    (tmp_path / first).unlink()
    (tmp_path / second).write_text("{}")
    with pytest.raises(TapgenError) as told:
        restored(nowhere.target(*stacks), ledger, declared)
    assert told.value.message.splitlines()[1:] == [
        f"  data: its template: {first} does not exist",
        f"  zone: its template: {second} was changed: its SHA-256 is different",
    ]


def test_all_code_that_is_gone_or_changed_is_told(
    nowhere: Lab, ledger: Ledger, tmp_path: Path
) -> None:
    third = Code((("functions/third.py", b""),))
    stacks = [
        with_code(nowhere, "api", CODE),
        with_code(nowhere, "jobs", OTHER),
        with_code(nowhere, "mail", third),
        nowhere.stack(
            "odd", {"Note": nowhere.note()}, parameters={"Key": "x"}, settings={"Key": "code.key"}
        ),
    ]
    declared = keep(ledger, *stacks, codes=(OTHER, third))
    (tmp_path / code_key(OTHER.sha256)).write_bytes(CODE.zip())
    (tmp_path / code_key(third.sha256)).write_bytes(b"no zip")
    with pytest.raises(TapgenError) as told:
        restored(nowhere.target(*stacks), ledger, declared)
    changed = "was changed: its SHA-256 is different"
    assert told.value.message.splitlines()[1:] == [
        f"  api: its code: {code_key(CODE.sha256)} does not exist",
        f"  jobs: its code: {code_key(OTHER.sha256)} {changed}",
        f"  mail: its code: {code_key(third.sha256)} {changed}",
        f"  odd: its code: {code_key('')} does not exist",
    ]


def test_what_takes_from_a_layer_that_there_is_not_any_more_is_told(
    nowhere: Lab, ledger: Ledger
) -> None:
    api = nowhere.stack("api", {"Note": nowhere.note()}, inputs={"In": OutputRef("dns", "Name")})
    with pytest.raises(TapgenError, match=r"dns\.Name, but the environment does not have"):
        restored(nowhere.target(data(nowhere, "x")), ledger, keep(ledger, api))
