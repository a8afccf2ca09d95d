"""cfn-lint as tapgen calls it, on this repository and on templates with faults."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tapgen.model.layer import Layer, OutputRef
from tapgen.model.platform import Platform
from tapgen.model.stack import Stack
from tapgen.model.templates.template import Template
from tapgen.payments.platform import PLATFORM
from tapgen.render.code.function_package import Code
from tapgen.render.examples import input_values
from tapgen.render.memory.memory import Memory
from tapgen.render.memory.store import Store
from tapgen.render.rendering import Rendered, render
from tapgen.review.lint.cfn_lint.linter import checker
from tapgen.review.lint.cfn_lint.request import LintRequest, LintResult
from tapgen.review.lint.findings import Finding
from tapgen.review.lint.lint import lint
from tapgen.settings.store import load_all
from tests.paths import ROOT
from tests.small_platform.platform import SMALL

REPOSITORY = ROOT
ACME = Platform(name="acme", layers=(Layer("alarms", "", package="acme.layers"),))


@pytest.fixture(scope="module")
def rendered() -> Rendered:
    return render(PLATFORM, load_all(REPOSITORY / "envs", PLATFORM))


def topic(parameters: Mapping[str, Any], properties: Mapping[str, Any], **extra: Any) -> Template:
    document = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Metadata": {"tapgen": {"Settings": {}}},
        "Parameters": parameters,
        "Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Properties": properties, **extra}},
    }
    return Template("alarms", json.dumps(document, indent=2))


def stack(of: Template, environment: str, region: str = "us-east-1", **fields: Any) -> Stack:
    return Stack(
        environment=environment,
        layer=of.layer,
        name=f"payments-{environment}-{of.layer}",
        account_id="111111111111",
        region=region,
        template=of,
        parameters=fields.get("parameters", {}),
        inputs=fields.get("inputs", {}),
        tags={},
        protected=False,
        examples=fields.get("examples", {}),
    )


def by_cfn_lint(of: Template, *stacks: Stack) -> list[Finding]:
    placed = {one.environment: (one,) for one in stacks}
    found = lint(Rendered(ACME, {of.layer: of}, placed, Code(())), "out")
    return [one for one in found if not one.rule.startswith("T")]


@pytest.mark.slow
def test_another_platform_is_linted_by_the_same_rules() -> None:
    small = render(SMALL, load_all(REPOSITORY / "envs", PLATFORM))
    assert lint(small) == ()
    text = small.templates["inbox"].text.replace('"Deny"', '"Allow"')
    opened = {**small.templates, "inbox": Template("inbox", text)}
    found = lint(replace(small, templates=opened, stacks={}))
    assert {(one.name, one.source) for one in found if one.rule.startswith("T")} == {
        (name, "tests/small_platform/layers/inbox.py")
        for name in ("any-action", "any-principal", "tls-only")
    }


@pytest.mark.slow
def test_plain_cfn_lint_leaves_no_severity_out_in_the_repository(tmp_path: Path) -> None:
    (tmp_path / ".cfnlintrc").write_text((REPOSITORY / ".cfnlintrc").read_text())
    (tmp_path / "queue.json").write_text('{"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}}')
    ran = subprocess.run(
        [str(Path(sys.executable).with_name("cfn-lint")), "--format", "parseable", "queue.json"],
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,  # cfn-lint asks it whether it is a terminal
        capture_output=True,
        text=True,
        check=False,
    )
    assert ":I3011:" in ran.stdout  # informational
    assert ran.returncode != 0


def test_a_fault_has_its_place_and_its_rule() -> None:
    of = topic({}, {"TopicNam": "x"})
    (one,) = by_cfn_lint(of)
    line = of.text.split("\n")[one.line - 1]
    assert line[one.column - 1 :].startswith('"TopicNam"')
    assert (one.path, one.rule, one.severity) == ("out/alarms.json", "E3002", "error")
    assert (one.layer, one.logical_id, one.environments) == ("alarms", "Topic", ())
    assert one.source == "acme/layers/alarms.py"
    assert one.url.startswith("https://")


def another(type_: str, of: Template) -> Template:
    return Template(of.layer, of.text.replace("AWS::SNS::Topic", type_))


def test_what_is_remembered_of_a_template_is_not_asked_again(store: Store) -> None:
    of = topic({}, {"TopicNam": "x"})
    asked: list[str] = []

    def noting(requests: Sequence[LintRequest]) -> list[LintResult]:
        asked.extend(request.layer for request in requests)
        with checker() as cfn_lint:
            return cfn_lint(requests)

    def again(one: Template, **fields: Any) -> tuple[Finding, ...]:
        placed = {"dev": (stack(one, "dev", **fields),)}
        rendered = Rendered(ACME, {one.layer: one}, placed, Code(()))
        return lint(rendered, "out", Memory(store, "lint template"), noting)

    assert again(of) == again(of)
    assert asked == ["alarms"]
    again(of, region="eu-west-1")
    assert asked == ["alarms", "alarms"]
    example = topic({"Name": {"Type": "String"}}, {})
    inputs = {"Name": OutputRef("x", "Name")}
    for count, name in ((3, "one"), (3, "one"), (4, "other")):
        again(example, inputs=inputs, examples={"Name": name})
        assert len(asked) == count


PARAMETER = {"Name": {"Type": "String", "Description": "d", "AllowedPattern": ".*"}}


def test_values_are_checked_as_each_environment_sets_them() -> None:
    kept = {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
    topic_like = topic(PARAMETER, {"MessageRetentionPeriod": {"Ref": "Name"}}, **kept)
    of = another("AWS::SQS::Queue", topic_like)
    good = stack(of, "dev", parameters={"Name": "3600"})
    low = {"Name": "59"}  # SQS keeps messages for a minute at least
    assert by_cfn_lint(of, good) == []
    found = by_cfn_lint(
        of, good, stack(of, "staging", parameters=low), stack(of, "prod", parameters=low)
    )
    assert [one.environments for one in found] == [("staging", "prod")]
    assert "'59'" in found[0].message


def plainly(of: Template, one: Stack, folder: Path) -> set[tuple[str, int, int, str]]:
    """What cfn-lint itself finds, asked by its command line with one environment's values."""
    path = folder / f"{of.layer}.json"
    path.write_text(of.text)
    values = [f"{name}={value}" for name, value in {**one.parameters, **input_values(one)}.items()]
    command = [str(Path(sys.executable).with_name("cfn-lint")), str(path), "--format", "json"]
    options = ["--include-checks", "I", "--regions", one.region, "--parameters", *values]
    ran = subprocess.run(
        [*command, *options],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    return {
        (
            match["Rule"]["Id"],
            match["Location"]["Start"]["LineNumber"],
            match["Location"]["Start"]["ColumnNumber"],
            match["Message"],
        )
        for match in json.loads(ran.stdout)
    }


@pytest.mark.slow
def test_each_environment_has_the_findings_of_plain_cfn_lint(
    rendered: Rendered, tmp_path: Path
) -> None:
    kept = {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
    period = topic(PARAMETER, {"MessageRetentionPeriod": {"Ref": "Name"}, "Nam": 1}, **kept)
    queue = Template("queue", another("AWS::SQS::Queue", period).text)
    data = rendered.templates["data"]
    broken = Template("data", data.text.replace('"Enabled": true', '"Enabled": "perhaps"'))
    assert broken.text != data.text
    placed = {}
    for name, seconds in {"dev": "60", "prod": "59"}.items():
        own = next(one for one in rendered.stacks[name] if one.layer == "data")
        placed[name] = (
            stack(queue, name, parameters={"Name": seconds}),
            replace(own, template=broken),
        )
    everything = Rendered(ACME, {"queue": queue, "data": broken}, placed, Code(()))
    found = lint(everything)
    with checker(2) as elsewhere:
        assert lint(everything, cfn_lint=elsewhere) == found
    for name, stacks in placed.items():
        expected = set.union(*(plainly(one.template, one, tmp_path) for one in stacks))
        assert {
            (one.rule, one.line, one.column, one.message)
            for one in found
            if not one.rule.startswith("T") and name in one.environments
        } == expected
        assert len(expected) >= 2


def test_lists_are_given_as_lists() -> None:
    subnets = {"Subnets": {"Type": "List<AWS::EC2::Subnet::Id>", "Description": "d"}}
    of = another("AWS::RDS::DBSubnetGroup", topic(subnets, {"SubnetIds": {"Ref": "Subnets"}}))
    of = Template(
        of.layer, of.text.replace('"SubnetIds"', '"DBSubnetGroupDescription": "d", "SubnetIds"')
    )
    assert by_cfn_lint(of, stack(of, "dev", parameters={"Subnets": "subnet-12345678"})) == []


def test_each_stack_is_checked_in_its_own_region() -> None:
    of = another("AWS::AppRunner::Service", topic({}, {}))
    regions = {"dev": "us-east-1", "qa": "mx-central-1"}
    found = by_cfn_lint(of, *(stack(of, name, region) for name, region in regions.items()))
    assert [(one.rule, one.environments) for one in found] == [
        ("E3006", ("qa",)),  # no such service there
        ("E3003", ("dev",)),
    ]


def test_a_fault_outside_resources_names_no_resource() -> None:
    of = topic({**PARAMETER, "Unused": {"Type": "Strin"}}, {"TopicName": {"Ref": "Name"}})
    found = by_cfn_lint(of)
    assert found
    assert {one.logical_id for one in found} == {""}


def test_what_cannot_be_read_is_a_finding() -> None:
    of = topic({}, {"TopicName": "twice"})
    twice = of.text.replace('"TopicName": "twice"', '"TopicName": "a", "TopicName": "b"')
    found = by_cfn_lint(Template("alarms", twice))
    assert {(one.rule, one.line) for one in found} == {("E0000", 13)}


def test_configuration_and_region_of_the_machine_change_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".cfnlintrc").write_text("ignore_checks: [E]\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_REGION", "nowhere-1")
    assert [one.rule for one in by_cfn_lint(topic({}, {"TopicNam": "x"}))] == ["E3002"]


PLANTED = """
import sys
from cfnlint.api import lint as plain
from tapgen.model.platform import Platform
from tapgen.render.code.function_package import Code
from tapgen.review.lint.lint import lint
from tapgen.render.rendering import Rendered
from tapgen.model.templates.template import Template
text = sys.stdin.read()
acme = Platform(name="acme", layers=())
own = lint(Rendered(acme, {"alarms": Template("alarms", text)}, {}, Code(())))
print(sorted({match.rule.id for match in plain(text)}))
print(sorted({one.rule for one in own if one.rule[0] != "T"}))
"""


@pytest.mark.slow
def test_newer_schemas_in_the_cache_of_the_user_change_nothing(tmp_path: Path) -> None:
    cache = tmp_path / "aws" / "cfn-lint" / "schemas"
    (cache / "providers").mkdir(parents=True)
    (cache / "version.json").write_text('{"schema_date": "9999-01-01"}')
    (cache / "providers" / "us-east-1.json").write_text("{}")
    run = subprocess.run(
        [sys.executable, "-c", PLANTED],
        input=topic({}, {}).text,
        check=False,
        env={**os.environ, "XDG_CACHE_HOME": str(tmp_path)},
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
    )
    # Plain cfn-lint falls for it (so the test shows something), tapgen does not.
    assert run.stdout.splitlines() == ["['E3006']", "[]"], run.stderr
