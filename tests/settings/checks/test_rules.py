from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import boto3
import cfnlint.helpers
import pytest

from tapgen.errors import TapgenError
from tapgen.model.limits import REGION, REGIONS
from tapgen.payments.platform import PLATFORM
from tapgen.settings.checks.rules import Checks, Rule, checks_of
from tapgen.settings.store import load_all

Edit = Callable[[str, str, str], None]
Faults = Callable[..., list[str]]


@pytest.mark.parametrize(
    ("name", "project"),
    [
        ("quality-test", "payments-api"),  # 12 + 1 + 12 characters, the limit is 23
        ("quality-", "payments"),
    ],
)
def test_project_and_name_must_make_a_prefix(
    envs: Path, edit: Edit, fault_lines: Faults, name: str, project: str
) -> None:
    (envs / "dev.yaml").rename(envs / f"{name}.yaml")
    edit(name, "name: dev", f"name: {name}\nproject: {project}")
    assert fault_lines(name) == [
        (
            f"envs/{name}.yaml:4:7: name: the stack prefix {project}-{name} is longer than 23 "
            "characters or ends in a hyphen; shorten name or project, or set stack_prefix"
        )
    ]
    edit(name, "domain:", "stack_prefix: short\ndomain:")
    assert fault_lines(name) == []


def test_a_region_that_does_not_exist_is_refused(edit: Edit, fault_lines: Faults) -> None:
    edit("dev", "name: dev", "name: dev\nregion: us-east-9")
    (fault,) = fault_lines("dev")
    assert fault.startswith(
        "envs/dev.yaml:5:9: region: there is no region us-east-9; did you mean us-east-2? there "
        "are af-south-1, ap-east-1, "
    )
    edit("dev", "us-east-9", "af-north-9")
    assert "there is no region af-north-9" in fault_lines("dev")[0]


def test_the_regions_are_those_that_libraries_know() -> None:
    known = boto3.session.Session().get_available_regions("cloudformation")
    assert set(known) == REGIONS
    assert set(cfnlint.helpers.REGIONS) >= REGIONS
    assert all(re.search(REGION, region) for region in REGIONS)


def test_approvals_need_a_bucket_to_be_found_in(edit: Edit, fault_lines: Faults) -> None:
    edit("dev", "name: dev", "name: dev\ndeployment:\n  approvals: 2")
    assert fault_lines("dev") == [
        (
            "envs/dev.yaml:6:14: deployment.approvals: needs deployment.ledger, a bucket: "
            "deployers find the signatures there; name the bucket that `tapgen bootstrap` "
            "creates, or write 0"
        )
    ]
    edit("dev", "approvals: 2", "approvals: 2\n  ledger: our-ledger")
    assert fault_lines("dev") == []
    edit("dev", "approvals: 2\n  ledger: our-ledger", "approvals: 0")
    assert fault_lines("dev") == []


def test_a_faulty_setting_is_not_judged_a_second_time(edit: Edit, fault_lines: Faults) -> None:
    edit("dev", "read_capacity: 5\n", "read_capacity: many\n")
    assert fault_lines("dev") == [
        (
            'envs/dev.yaml:16:18: data.read_capacity: "many" is not a whole number in plain '
            "digits; write a whole number from 1 to 1000 without quotes"
        )
    ]


def test_express_is_for_environments_without_protection(envs: Path, fault_lines: Faults) -> None:
    prod = envs / "prod.yaml"
    prod.write_text(prod.read_text() + "\ndeployment:\n  express: true\n")
    (fault,) = fault_lines("prod")
    assert "deployment.express: must be off if protection is on" in fault
    dev = envs / "dev.yaml"
    dev.write_text(dev.read_text() + "\ndeployment:\n  express: true\n")
    assert fault_lines("dev") == []


def odd(_: object) -> object:
    return "it is odd"


CHECKS = {
    "KINDS": Checks(rules="domain", never_shrinks="data.read_capacity"),  # type: ignore[arg-type]
    "NAMES": Checks(
        rules=(
            Rule(("domian",), odd),  # type: ignore[arg-type]
            Rule("domain", odd),  # type: ignore[arg-type]
            Rule((), odd),  # type: ignore[arg-type]
            Rule(("domain",), None),  # type: ignore[arg-type]
        ),
        never_shrinks=("nothing.like.it",),
        overview=("domain",),
    ),
    "ODD": Checks(rules=(Rule(("name",), odd),)),  # type: ignore[arg-type]
}
KINDS, NAMES, ODD = CHECKS.values()


def told_of(name: str) -> list[str]:
    with pytest.raises(TapgenError) as refused:
        checks_of(replace(PLATFORM, checks=f"{__name__}:{name}"))
    assert refused.value.hint == f"Correct {__name__}:{name}."
    text = re.sub(r"test_rules\.py:\d+", "HERE", refused.value.message)
    return [
        line.removeprefix("checks of the platform payments: ").replace("tests/settings/checks/", "")
        for line in text.splitlines()
    ]


def test_all_that_is_wrong_with_checks_is_told_at_once() -> None:
    assert told_of("KINDS") == [
        "`rules` is 'domain', but must be a tuple of Rules",
        "`never_shrinks` is 'data.read_capacity', but must be a tuple of texts",
    ]
    assert told_of("NAMES") == [
        "the rule at HERE: `needs` is 'domain', but must be a tuple of texts",
        "the rule at HERE: `needs` is empty, so there is no setting to report",
        "a rule: `judge` is None, but must be a function",
        "never_shrinks: there is no setting nothing.like.it",
        "the rule at HERE: there is no setting domian; did you mean domain?",
    ]


def test_a_rule_that_gives_something_else_is_told(envs: Path) -> None:
    platform = replace(PLATFORM, checks=f"{__name__}:ODD")
    with pytest.raises(TapgenError) as refused:
        load_all(envs, platform, ["dev"])
    assert "the rule of settings odd returns 'it is odd' (str)" in refused.value.message
    assert refused.value.hint == "It must return (message, hint) or None."
