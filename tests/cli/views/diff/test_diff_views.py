"""Every form of `tapgen diff` over one comparison, against golden files."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import click
import jsonschema
import pytest

from tapgen.cli.views import diff as view
from tapgen.cli.views.diff import markdown as comment
from tapgen.cli.views.diff import text as diff_text
from tapgen.cli.views.diff import words
from tapgen.review.diff.causes import Context
from tapgen.review.diff.comparison import compare
from tapgen.review.diff.effect import Effect
from tapgen.review.diff.report import Cause, Comparison, LayerDiff, OutputChange, Refactor
from tapgen.review.diff.snapshot import from_files
from tapgen.settings.faults import Source
from tests import golden_files

ENDINGS = {"text": "txt", "json": "json", "markdown": "md", "sarif": "sarif", "github": "txt"}


def resource(type_: str, /, **properties: Any) -> dict[str, Any]:
    return {"Type": type_, "Properties": properties, "DeletionPolicy": "Retain"}


def table(name: str, key: str) -> dict[str, Any]:
    return resource(
        "AWS::DynamoDB::Table",
        TableName={"Fn::Sub": f"${{Prefix}}-{name}"},
        KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
        BillingMode={"Ref": "Billing"},
    )


def template(layer: str, settings: dict[str, str], **sections: Any) -> str:
    document = {"Metadata": {"tapgen": {"Layer": layer, "Settings": settings}}, **sections}
    document["Parameters"] = {
        name: {"Type": "String"} for name in (*settings, *sections.pop("Takes", ()))
    }
    return json.dumps(document, indent=2)


def stack(environment: str, layer: str, parameters: dict[str, str], **inputs: str) -> str:
    protected = environment != "dev"
    return json.dumps(
        {
            "StackName": f"pay-{environment}-{layer}",
            "Environment": environment,
            "Layer": layer,
            "Account": "111111111111",
            "Region": "us-east-1",
            "Template": f"{layer}.json",
            "Parameters": {"Prefix": f"pay-{environment}", **parameters},
            "Inputs": inputs,
            "Tags": {},
            "StackPolicy": {"Statement": []},
            "TerminationProtection": protected,
        }
    )


def project(key: str, memory: str, *, moved: bool) -> dict[str, str]:
    """Rendered files: `dev` and `prod` with the layers data, archive, compute and zone."""
    prefix = {"Prefix": "prefix"}
    sessions = {"Sessions": table("sessions", "id")}
    data = template(
        "data",
        {**prefix, "Billing": "data.billing"},
        Resources={"Transactions": table("transactions", key), **({} if moved else sessions)},
        Outputs={"TableName": {"Value": {"Ref": "Transactions"}}},
    )
    archive = template(
        "archive",
        {**prefix, "Billing": "data.billing"},
        Resources={"Topic": resource("AWS::SNS::Topic"), **(sessions if moved else {})},
    )
    function = resource(
        "AWS::Lambda::Function",
        MemorySize={"Ref": "Memory"},
        Environment={"Variables": {"TABLE": {"Ref": "TableName"}}},
    )
    version = resource("AWS::Lambda::Version", Description={"Ref": "Memory"})
    group = resource("AWS::EC2::SecurityGroup", SecurityGroupEgress=[{"CidrIp": memory}])
    custom = resource("Custom::Thing", Value={"Ref": "Memory"})
    gone = {} if moved else {"Old": {"Type": "AWS::SNS::Topic", "DeletionPolicy": "Delete"}}
    compute = template(
        "compute",
        {**prefix, "Memory": "functions.memory_mb"},
        Resources={"Function": function, "Version": version, "Group": group, "Odd": custom, **gone},
        Takes=("TableName",),
    )
    files = {"data.json": data, "archive.json": archive, "compute.json": compute}
    files["zone.json"] = template("zone", prefix, Resources={"Zone": resource("AWS::SNS::Topic")})
    billing = {"Billing": "PAY_PER_REQUEST" if moved else "PROVISIONED"}
    for name in ("dev", "prod"):
        files |= {
            f"{name}/data.json": stack(name, "data", billing),
            f"{name}/archive.json": stack(name, "archive", billing),
            f"{name}/compute.json": stack(
                name, "compute", {"Memory": memory}, TableName="data.TableName"
            ),
            f"{name}/zone.json": stack(name, "zone", {}),
        }
    return files


def comparison() -> Comparison:
    """A new key, a table in another layer, more memory; and a stack that comes."""
    before = from_files(project("transactionId", "512", moved=False), "")
    after = from_files(project("paymentId", "1024", moved=True), "")
    del before["dev"]["zone"]
    sources = {"functions.memory_mb": Source("envs/common.yaml", 8, 14)}
    context = Context(sources, "templates_out/")
    diffs = {name: compare(name, before[name], after[name], context) for name in after}
    return Comparison("0123456789 (merge base with origin/main)", diffs)


def shown(capsys: pytest.CaptureFixture[str], found: Comparison, form: str, verbosity: int) -> str:
    view.show(found, form, verbosity)
    return click.unstyle(capsys.readouterr().out)


@pytest.mark.parametrize("form", view.FORMS)
def test_golden(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    text = shown(capsys, comparison(), form, 0)
    golden_files.check(f"diff/{form}.{ENDINGS[form]}", text)


def test_the_worst_comes_first_and_is_refused_where_protected(
    capsys: pytest.CaptureFixture[str],
) -> None:
    lines = shown(capsys, comparison(), "text", 0).splitlines()
    assert lines[:3] == [
        "dev, prod against 0123456789 (merge base with origin/main)",
        "",
        "replacement, data loss",
    ]
    assert lines[3].split("  ")[1:] == [
        "data.Transactions",
        "AWS::DynamoDB::Table",
        "REFUSED: prod is protected",
    ]
    headings = [line for line in lines if line in {effect.label for effect in Effect}]
    assert headings == sorted(headings, key=[effect.label for effect in Effect].index)


def test_colours_are_for_terminals(capsys: pytest.CaptureFixture[str]) -> None:
    assert "\x1b[31m" in diff_text.text(comparison(), 0)
    assert "\x1b" not in comment.markdown(comparison(), 0)


def many(count: int, name: str = "P") -> Comparison:
    """So many resources with so many changed properties each."""

    def side(value: int) -> dict[str, Any]:
        properties = {f"{name}{p}": value for p in range(count)}
        topics = {f"Topic{n:03}": resource("AWS::SNS::Topic", **properties) for n in range(count)}
        return from_files(
            {
                "a.json": template("a", {"Prefix": "prefix"}, Resources=topics),
                "dev/a.json": stack("dev", "a", {}),
            },
            "",
        )["dev"]

    return Comparison("x", {"dev": compare("dev", side(1), side(2), Context({}, ""))})


def test_much_is_folded_unless_all_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    folded = shown(capsys, many(10), "text", 0)
    assert "  and 2 more (--verbose shows them)" in folded
    assert "      and 2 more properties (--verbose shows them)" in folded
    whole = shown(capsys, many(10), "text", 1)
    assert "more" not in whole
    assert whole.count("AWS::SNS::Topic") == 10
    assert "and 7 more properties" in shown(capsys, many(10), "github", 0)


def test_a_limit_is_for_one_thing_and_verbose_lifts_all_of_them(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """One resource with many properties, and many environments, stacks and long values."""

    def side(value: str) -> dict[str, Any]:
        topic = {"T": resource("AWS::SNS::Topic", **{f"P{n:02}": f"{value}{n}" for n in range(20)})}
        files = {f"l{n:02}.json": template(f"l{n:02}", {}, Resources=topic) for n in range(20)}
        stacks = {
            f"dev/l{n:02}.json": stack("dev", f"l{n:02}", {"P": f"{n}{value}"}) for n in range(20)
        }
        return from_files({**files, **stacks}, "")["dev"]

    one = compare("dev", side("a"), side("b" * 100), Context({}, ""))
    found = Comparison("x", {f"e{n:03}": replace(one, environment=f"e{n:03}") for n in range(100)})
    folded = shown(capsys, found, "text", 0)
    assert len(folded.splitlines()) < 100
    assert "100 environments (e000, e001, e002, e003, e004, e005 and 94 more) against x" in folded
    assert "  and 12 more (--verbose shows them)" in folded
    assert "      and 12 more properties (--verbose shows them)" in folded
    assert "b" * 100 not in folded
    whole = shown(capsys, found, "text", 1)
    assert " more" not in whole
    assert "..." not in whole
    assert whole.count("P19: a19 -> " + "b" * 100) == 20
    assert "e098, e099 against x" in whole
    for form in ("sarif", "github"):
        assert "P19: a19 -> " + "b" * 100 in shown(capsys, found, form, 1)
        assert "P19" not in shown(capsys, found, form, 0)


def test_a_tag_of_a_hundred_environments_is_a_few_lines(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def side(value: str) -> dict[str, Any]:
        tags = [{"Key": "CostCenter", "Value": {"Ref": "Cost"}}]
        topics = {f"T{n:02}": resource("AWS::SNS::Topic", Tags=tags) for n in range(9)}
        layers = {f"l{n:02}": template(f"l{n:02}", {"Cost": "cost"}, Resources=topics)
                  for n in range(10)}  # fmt: skip
        files = {f"{name}.json": text for name, text in layers.items()}
        stacks = {f"dev/{name}.json": stack("dev", name, {"Cost": value}) for name in layers}
        return from_files({**files, **stacks}, "")["dev"]

    one = compare("dev", side("a"), side("b"), Context({"cost": Source("envs/common.yaml")}, ""))
    diffs = {f"e{n:03}": replace(one, environment=f"e{n:03}") for n in range(100)}
    text = shown(capsys, Comparison("x", diffs), "text", 0)
    assert text.splitlines()[2:] == [
        "in place",
        "  l00.T00, l00.T01, l00.T02, l00.T03, l00.T04, l00.T05 and 84 more  AWS::SNS::Topic",
        "      Tags/CostCenter/Value: a -> b  cost (envs/common.yaml:1:1)",
        "",
        "stacks",
        "  l00, l01, l02 and 7 more parameter Cost: a -> b  cost (envs/common.yaml:1:1)",
        "",
        "10 of 10 stacks differ: 90 in place",
    ]
    for form, most in (("markdown", 40), ("github", 90)):
        assert len(shown(capsys, Comparison("x", diffs), form, 0).splitlines()) <= most


def test_one_more_statement_in_a_long_policy_is_told_as_that(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def side(*services: str) -> dict[str, Any]:
        statements = [
            {
                "Sid": f"Use{service}",
                "Effect": "Allow",
                "Principal": {"AWS": "*"},
                "Action": ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"],
                "Resource": "*",
                "Condition": {"StringEquals": {"kms:ViaService": f"{service}.amazonaws.com"}},
            }
            for service in services
        ]
        key = {"Key": resource("AWS::KMS::Key", KeyPolicy={"Statement": statements})}
        files = {"a.json": template("a", {}, Resources=key)}
        return from_files({**files, "dev/a.json": stack("dev", "a", {})}, "")["dev"]

    sides = side("s3", "sqs"), side("sqs", "ec2", "s3")
    found = Comparison("x", {"dev": compare("dev", *sides, Context({}, ""))})
    for form in ("text", "markdown", "github", "sarif"):
        for verbosity in (0, 1):
            text = shown(capsys, found, form, verbosity).replace('\\"', '"')
            assert "+ KeyPolicy/Statement/Useec2: {" in text, form
            assert "ec2.amazonaws.com" in text, form
            assert "sqs" not in text, form


def test_a_fingerprint_says_what_it_stands_for(capsys: pytest.CaptureFixture[str]) -> None:
    def side(memory: str) -> dict[str, Any]:
        join = {"Fn::Join": [" ", ["0123456789ab", {"Ref": "Memory"}, "30"]]}
        version = {"V": resource("AWS::Lambda::Version", Description=join)}
        files = {"a.json": template("a", {"Memory": "functions.memory_mb"}, Resources=version)}
        return from_files({**files, "dev/a.json": stack("dev", "a", {"Memory": memory})}, "")["dev"]

    found = compare("dev", side("512"), side("1024"), Context({}, ""))
    text = shown(capsys, Comparison("x", {"dev": found}), "text", 0)
    assert "Description: a different fingerprint  published as a new version" in text
    assert text.split("Description")[1].splitlines()[0].endswith("  functions.memory_mb")
    text = shown(capsys, Comparison("x", {"dev": found}), "text", 1)
    assert "Description: 0123456789ab 512 30 -> 0123456789ab 1024 30" in text


def test_lines_fold_where_the_terminal_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tapgen.cli.views.diff.text.columns", lambda _: 60)
    lines = click.unstyle(diff_text.text(comparison(), 0)).splitlines()
    at = lines.index("      BillingMode: PROVISIONED -> PAY_PER_REQUEST  (in")
    assert lines[at + 1] == "          place)  data.billing"
    long = [line for line in lines if len(line) > 60]
    assert all(" " not in line.strip() or line.endswith("\\") for line in long)


def test_a_comment_fits_into_what_github_takes(capsys: pytest.CaptureFixture[str]) -> None:
    changes = many(20, name="LongName" * 20)
    assert len(shown(capsys, changes, "text", 1)) > 65_536
    text = shown(capsys, changes, "markdown", 1)
    assert 59_000 < len(text) < 65_536
    assert re.search(r"Too long to show, \d+ more lines: run `tapgen diff --all`\.", text)
    assert text.count("```") == 2
    assert text.startswith("<!-- tapgen diff -->\n")


def test_nothing_in_a_comment_ends_its_block(capsys: pytest.CaptureFixture[str]) -> None:
    def side(value: str) -> dict[str, Any]:
        topic = {"T": resource("AWS::SNS::Topic", DisplayName=value)}
        files = {"a.json": template("a", {"Prefix": "prefix"}, Resources=topic)}
        return from_files({**files, "dev/a.json": stack("dev", "a", {})}, "")["dev"]

    found = compare("dev", side("a"), side("```\n</details>|\x1b[31m"), Context({}, ""))
    text = shown(capsys, Comparison("a`b", {"dev": found}), "markdown", 0)
    assert "````text\n" in text
    assert "a -> ```\\n</details>|\\x1b[31m" in text
    assert "against ``a`b``" in text


def test_a_comment_without_differences_is_short(capsys: pytest.CaptureFixture[str]) -> None:
    same = compare("dev", {}, {}, Context({}, ""))
    text = shown(capsys, Comparison("x", {"dev": same}), "markdown", 0)
    assert text.splitlines()[-1] == "No environment differs."
    assert shown(capsys, Comparison("x", {"dev": same}), "text", 0) == "dev is the same as x\n"
    assert shown(capsys, Comparison("x", {"dev": same}), "github", 0) == ""


def test_every_stack_that_is_unchanged_is_named_once(capsys: pytest.CaptureFixture[str]) -> None:
    one = comparison()
    whole = compare("qa", {}, {}, Context({}, ""))
    quiet = Comparison("x", {**one.environments, "qa": whole})
    lines = shown(capsys, quiet, "markdown", 0).splitlines()
    assert "Unchanged: prod zone." in lines


def test_an_unchanged_environment_is_named_as_a_whole(capsys: pytest.CaptureFixture[str]) -> None:
    files = from_files(project("id", "512", moved=False), "")
    other = comparison().environments["dev"]
    same = compare("prod", files["prod"], files["prod"], Context({}, ""))
    text = shown(capsys, Comparison("x", {"dev": other, "prod": same}), "markdown", 0)
    assert "Unchanged: prod as a whole." in text


def test_causes_in_words() -> None:
    found = [
        Cause("setting", "code.key"),
        Cause("creation"),
        Cause("upstream", "data.Key"),
        Cause("upstream", "data.Key", certain=False),
        Cause("template"),
    ]
    assert words.causes(found) == (
        "code.key, the stack's creation is complete, follows data.Key, may follow data.Key, "
        "its removal from the template"
    )


def test_a_setting_of_many_files_is_told_once() -> None:
    places = [Source(f"envs/e{n}.yaml", 1, 2) for n in range(4)]
    found = [Cause("setting", "a", place) for place in places] + [
        Cause("template", place=places[0])
    ]
    assert words.causes(found, 2) == (
        "a (envs/e0.yaml:1:2, envs/e1.yaml:1:2 and 2 more), envs/e0.yaml:1:2"
    )


def test_stacks_without_a_touched_resource() -> None:
    output = OutputChange("Name", "a", "b")
    assert words.layer_word(LayerDiff("a", "changed", outputs=(output,))) == "outputs only"
    assert words.layer_word(LayerDiff("a", "changed")) == "no resource touched"
    assert words.layer_word(LayerDiff("a", "added")) == "stack added"


def test_a_template_that_differs_in_nothing_that_counts(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def side(description: str) -> dict[str, Any]:
        files = {"a.json": template("a", {}, Resources={}, Description=description)}
        return from_files({**files, "dev/a.json": stack("dev", "a", {})}, "")["dev"]

    found = compare("dev", side("a"), side("b"), Context({}, ""))
    text = shown(capsys, Comparison("x", {"dev": found}), "text", 0)
    assert "a: the template differs, but no resource" in text
    assert "1 of 1 stacks differ: no resource touched" in text


def test_the_refactor_names_a_stack_once_and_makes_it_where_need_be() -> None:
    within = Refactor(
        "s",
        "s",
        "us-east-1",
        (("A", "B"),),
        ("out/data.json", "out/data.json"),
        creates_target=False,
    )
    command = words.refactor_command(within)
    assert command.count("TemplateBody@=file://out/data.json") == 1
    assert "--enable-stack-creation" not in command
    new = Refactor("s", "t", "us-east-1", (("A", "A"),), ("a", "b"), creates_target=True)
    assert "--enable-stack-creation" in words.refactor_command(new)


def test_the_refactor_is_what_the_aws_cli_takes() -> None:
    """The shapes are CreateStackRefactor's own."""
    import botocore.session

    model = botocore.session.get_session().get_service_model("cloudformation")
    shape: Any = model.operation_model("CreateStackRefactor").input_shape
    assert {"StackDefinitions", "ResourceMappings", "EnableStackCreation"} <= shape.members.keys()
    definition = shape.members["StackDefinitions"].member.members
    assert {"StackName", "TemplateBody"} <= definition.keys()
    mapping = shape.members["ResourceMappings"].member.members
    assert mapping.keys() == {"Source", "Destination"}
    assert mapping["Source"].members.keys() == {"StackName", "LogicalResourceId"}


def test_sarif_is_well_formed(capsys: pytest.CaptureFixture[str]) -> None:
    log = json.loads(shown(capsys, comparison(), "sarif", 0))
    (run,) = log["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert [result["ruleId"] for result in run["results"]] == sorted(
        (result["ruleId"] for result in run["results"]), key=rules.index
    )
    first = run["results"][0]
    assert first["level"] == "error"
    assert first["locations"][0]["logicalLocations"][0]["fullyQualifiedName"] == (
        "data.Transactions"
    )
    jsonschema.Draft202012Validator({"type": "object", "required": ["version"]}).validate(log)
