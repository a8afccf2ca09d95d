"""`tapgen diff` on the project's own files, as the history of a git repository."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from tests.cli.repository import commit, git
from tests.costing import COUNTING

if TYPE_CHECKING:
    from tapgen.local.client import LocalAws


class Ran(NamedTuple):
    code: object
    out: str
    err: str


Run = Callable[..., Ran]
Edit = Callable[[dict[str, Any]], None]


def before(project: Path, *layers: str, edit: Edit) -> None:
    """Make the committed templates of the layers what they might have been before."""
    for layer in layers:
        path = project / "templates_out" / f"{layer}.json"
        document = json.loads(path.read_text())
        edit(document)
        path.write_text(json.dumps(document, indent=2))
    commit(project)


def setting(project: Path, environment: str, old: str, new: str) -> None:
    path = project / "envs" / f"{environment}.yaml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def changes(ran: Ran, environment: str) -> dict[str, dict[str, Any]]:
    """`layer.LogicalId` -> change, from the json form."""
    stacks = json.loads(ran.out)["environments"][environment]["stacks"]
    return {
        f"{stack['layer']}.{change['logical_id']}": change
        for stack in stacks
        for change in stack["resources"]
    }


def test_without_a_change_nothing_differs(history: Path, tapgen: Run) -> None:
    ran = tapgen("diff", "--exit-code")
    assert ran.code == 0
    (line,) = ran.out.splitlines()
    assert line.startswith("dev, staging, prod are the same as ")
    assert line.endswith(" (merge base with main)")
    assert ran.err == ""


def test_more_memory_is_in_place(history: Path, tapgen: Run) -> None:
    setting(history, "prod", "memory_mb: 3008", "memory_mb: 2048")
    ran = tapgen("diff", "--env", "prod", "--format", "json")
    found = changes(ran, "prod")
    function = found["compute.PaymentProcessorFunction"]
    assert (function["effect"], function["refused"]) == ("in-place", False)
    (memory,) = [part for part in function["properties"] if part["path"] == "MemorySize"]
    assert (memory["before"], memory["after"], memory["effect"]) == ("3008", "2048", "in-place")
    (cause,) = memory["causes"]
    assert cause["name"] == "functions.memory_mb"
    assert cause["place"].startswith("envs/prod.yaml:")
    assert {change["effect"] for change in found.values()} == {"in-place", "new-version"}
    assert tapgen("diff", "--env", "prod", "--exit-code").code == 3
    assert tapgen("diff", "--env", "prod", "--fail-on", "any").code == 3
    assert tapgen("diff", "--env", "prod", "--fail-on", "replacement").code == 0
    assert tapgen("diff", "--env", "dev", "--exit-code").code == 0


def test_another_key_name_loses_data_and_is_refused_where_protected(
    history: Path, tapgen: Run
) -> None:
    path = history / "templates_out" / "data.json"
    path.write_text(path.read_text().replace("transactionId", "paymentId"))
    commit(history)
    ran = tapgen("diff", "--all", "--format", "json", "--fail-on", "data-loss")
    assert ran.code == 3
    for environment, refused in (("dev", False), ("staging", True), ("prod", True)):
        found = changes(ran, environment)
        table = found["data.TransactionsTable"]
        assert (table["effect"], table["refused"]) == ("replacement-data-loss", refused)
        assert found["data.TransactionsTableReadTarget"]["effect"] == "replacement"
        assert found["compute.PaymentProcessorFunction"]["effect"] == "in-place"
    text = tapgen("diff", "--env", "staging").out
    assert "replacement, data loss" in text
    assert "REFUSED: staging is protected" in text
    assert '- KeySchema/paymentId: {"AttributeName": "paymentId", "KeyType": "HASH"}' in text
    assert '+ KeySchema/transactionId: {"AttributeName": "transactionId"' in text


def test_a_table_that_moves_to_another_layer_is_a_refactor(history: Path, tapgen: Run) -> None:
    path = history / "templates_out" / "data.json"
    data = json.loads(path.read_text())
    table = data["Resources"].pop("SessionsTable")
    own = {n: r for n, r in data["Resources"].items() if n.startswith("SessionsTable")}
    for name in own:
        del data["Resources"][name]
    for name in ("SessionsTableName", "SessionsTableArn"):
        del data["Outputs"][name]
    path.write_text(json.dumps(data))
    table["Properties"]["SSESpecification"]["KMSMasterKeyId"] = {"Ref": "KeyArn"}
    always = {"Fn::Equals": ["a", "a"]}
    literal = dict.fromkeys(("IsPointInTimeRecovery", "IsProtection", "IsProtected"), always)
    rates = {"ReadCapacity": "100", "WriteCapacity": "100"}

    def receive(document: dict[str, Any]) -> None:
        document["Resources"]["SessionsTable"] = table
        document["Conditions"] = {**document.get("Conditions", {}), **literal}
        for name, value in rates.items():
            document["Parameters"][name] = {"Type": "Number", "Default": value}

    before(history, "storage", edit=receive)
    ran = tapgen("diff", "--env", "prod", "--format", "json")
    assert ran.code == 0, ran.err
    found = changes(ran, "prod")
    moved = found["data.SessionsTable"]
    assert (moved["action"], moved["moved_from"]) == ("move", "storage.SessionsTable")
    assert moved["effect"] == "move"
    (refactor,) = json.loads(ran.out)["environments"]["prod"]["refactors"]
    assert refactor["mappings"] == [{"source": "SessionsTable", "target": "SessionsTable"}]
    assert (refactor["source"], refactor["target"]) == (
        "payments-prod-storage",
        "payments-prod-data",
    )
    assert refactor["command"].startswith("aws cloudformation create-stack-refactor")
    text = tapgen("diff", "--env", "prod").out
    assert "storage.SessionsTable -> data.SessionsTable" in text


def test_a_new_vpc_range_goes_through_every_layer_that_uses_it(history: Path, tapgen: Run) -> None:
    setting(history, "dev", "cidr: 10.10.0.0/16", "cidr: 10.11.0.0/16")
    found = changes(tapgen("diff", "--env", "dev", "--format", "json"), "dev")
    assert found["network.Vpc"]["effect"] == "replacement"
    assert found["network.PrivateSubnet1"]["effect"] == "replacement"
    function = found["compute.PaymentProcessorFunction"]
    assert function["effect"] == "in-place"
    assert "VpcConfig/SubnetIds" in {part["path"].rpartition("/")[0] for part in (
        function["properties"]
    )} | {part["path"] for part in function["properties"]}  # fmt: skip


def test_environments_come_and_go(history: Path, tapgen: Run) -> None:
    (history / "envs" / "staging.yaml").unlink()
    ran = tapgen("diff", "--all", "--format", "json")
    found = json.loads(ran.out)["environments"]
    assert [stack["kind"] for stack in found["staging"]["stacks"]] == ["removed"] * 11
    assert {stack["kind"] for stack in found["dev"]["stacks"]} == {"same"}
    text = (history / "envs" / "dev.yaml").read_text()
    replaced = text.replace("name: dev", "name: qa").replace("111111111111", "444444444444")
    replaced = replaced.replace("10.10.0.0", "10.40.0.0").replace("dev.api", "qa.api")
    (history / "envs" / "qa.yaml").write_text(replaced)
    added = json.loads(tapgen("diff", "--env", "qa", "--format", "json").out)["environments"]
    assert [stack["kind"] for stack in added["qa"]["stacks"]] == ["added"] * 11


def test_against_a_tag_and_another_folder(history: Path, tapgen: Run) -> None:
    git(history, "tag", "v1")
    setting(history, "dev", "memory_mb: 512", "memory_mb: 640")
    assert tapgen("diff", "--env", "dev", "--against", "v1", "--exit-code").code == 3
    ran = tapgen("diff", "--env", "dev", "--against", "v1", "--out", "elsewhere")
    assert ran.code == 0
    assert ran.err.startswith("elsewhere is empty at v1 (")
    assert "network is added" in ran.out


def test_against_another_environment_names_do_not_count(history: Path, tapgen: Run) -> None:
    ran = tapgen("diff", "--env", "prod", "--against", "staging", "--format", "json")
    found = changes(ran, "prod")
    assert {change["effect"] for change in found.values()} == {"differs"}
    table = found["data.TransactionsTable"]
    assert "TableName" not in {part["path"] for part in table["properties"]}
    reads = [p for p in table["properties"] if p["path"].startswith("ProvisionedThroughput/Read")]
    assert (reads[0]["before"], reads[0]["after"]) == ("25", "100")
    assert found["network.NatGateway2"]["notes"] == ["only in prod"]


def test_a_layer_that_only_the_other_environment_has(history: Path, tapgen: Run) -> None:
    dev = history / "envs" / "dev.yaml"
    text = "\n".join(line for line in dev.read_text().splitlines() if "domain:" not in line)
    dev.write_text(text)
    ran = tapgen("diff", "--env", "dev", "--against", "prod", "--format", "json")
    stacks = {s["layer"]: s for s in json.loads(ran.out)["environments"]["dev"]["stacks"]}
    assert stacks["zone"]["kind"] == "removed"
    assert stacks["zone"]["resources"][0]["notes"] == ["only in prod"]


def test_what_a_change_costs(history: Path, tapgen: Run) -> None:
    none = "No environment's monthly cost changes."
    assert none in tapgen("diff", "--cost").out
    assert none in tapgen("diff", "--cost", "--format", "markdown").out
    assert none not in tapgen("diff").out
    setting(history, "dev", "  nat: none", "  nat: per-az")
    lines = [re.split(r" {2,}", line) for line in tapgen("diff", "--cost").out.splitlines()]
    # Two gateways, each with an address: 2 x (32.85 + 3.65).
    (dev,) = [line for line in lines if line[0] == "dev" and len(line) == 4]
    assert dev[-1] == "+73.00"
    assert ["network, 4 resources", "+73.00", "dev"] in lines
    assert ["network.NatGateway1", "+32.85", "dev"] in lines
    assert not [line for line in lines if line[0] == "staging" and len(line) == 4]
    comment = tapgen("diff", "--cost", "--format", "markdown").out
    assert "| network.NatGateway1 | +32.85 | dev |" in comment
    assert comment.index("NatGateway1 | +32.85") < comment.index("<details>")
    found = json.loads(tapgen("diff", "--cost", "--format", "json").out)["environments"]
    cost = found["dev"]["cost"]
    assert round(cost["now"]["low"] - cost["before"]["low"], 2) == cost["change"]["low"] == 73.0
    assert cost["layers"] == {"network": {"low": 73.0, "high": 73.0}}
    assert cost["resources"]["network.NatAddress1"] == {"low": 3.65, "high": 3.65}
    assert found["prod"]["cost"]["resources"] == {}
    assert json.loads(tapgen("diff", "--format", "json").out)["environments"]["dev"]["cost"] is None


def test_costs_of_an_environment_that_goes(history: Path, tapgen: Run) -> None:
    (history / "envs" / "staging.yaml").unlink()
    found = json.loads(tapgen("diff", "--cost", "--format", "json").out)["environments"]
    gone = found["staging"]["cost"]
    assert gone["now"] == {"low": 0.0, "high": 0.0}
    assert gone["change"]["low"] == -gone["before"]["low"] < 0


def test_of_many_resources_that_make_a_change_the_first_are_told(
    history: Path, tapgen: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tapgen.cli.views.cost._ROWS", 2)
    setting(history, "dev", "  nat: none", "  nat: per-az")
    short = tapgen("diff", "--cost").out
    assert "3 more: `tapgen cost --against` shows them" in short
    assert "network.NatGateway2  +32.85" not in short
    assert "network.NatGateway2" in tapgen("diff", "--cost", "--verbose").out


@pytest.mark.parametrize("form", ["sarif", "github"])
def test_costs_are_at_no_place_in_a_file(history: Path, tapgen: Run, form: str) -> None:
    ran = tapgen("diff", "--cost", "--format", form)
    assert ran.code == 2
    assert "Leave out --cost, or choose another format." in ran.err


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("--all", "--env", "dev"), 2, "cannot be used together"),
        (("--against", "nowhere"), 2, "neither an environment nor a git revision"),
        (("--env", "nope"), 2, "nope"),
    ],
)
def test_wrong_use(
    history: Path, tapgen: Run, arguments: tuple[str, ...], code: int, message: str
) -> None:
    ran = tapgen("diff", *arguments)
    assert ran.code == code
    assert message in ran.err


def test_outside_of_git(project: Path, tapgen: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(project.parent))
    ran = tapgen("diff", "--env", "dev")
    assert ran.code == 1
    assert "is not in a git repository" in ran.err
    assert tapgen("diff", "--env", "dev", "--against", "prod").code == 0


@pytest.mark.slow
def test_it_is_quick_and_asks_for_nothing_heavy(history: Path, tmp_path: Path) -> None:
    """At most three times the calls of rendering, even where every stack differs."""
    for name in ("dev", "staging", "prod"):
        setting(history, name, "cost_center: ", "cost_center: NEW-")
    report = tmp_path / "report.json"
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")
    }

    def calls(*arguments: str) -> int:
        subprocess.run(
            [sys.executable, "-c", COUNTING, *arguments],
            cwd=history,
            env={**environment, "REPORT": str(report)},
            check=False,
            capture_output=True,
        )
        return int(json.loads(report.read_text())["calls"])

    assert calls("diff", "--all") <= 3 * calls("render", "--check")
    program = (
        "import sys\nfrom tapgen.cli.main import main\n"
        "try:\n    main(['diff', '--all', '--quiet'])\nexcept SystemExit:\n    pass\n"
        "print({'boto3', 'botocore', 'cfnlint', 'rich'} & sys.modules.keys(), file=sys.stderr)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], cwd=history, capture_output=True, text=True, check=True
    )
    assert ran.stderr.strip() == "set()"
    assert "in place" in ran.stdout


# --- against what is deployed ---------------------------------------------------------------------


@pytest.mark.slow
def test_against_what_is_deployed(
    local_tapgen: Callable[..., Ran], project: Path, local_aws: LocalAws
) -> None:
    before = local_tapgen("diff", "--against", "deployed", "--format", "json")
    kinds = {s["kind"] for s in json.loads(before.out)["environments"]["dev"]["stacks"]}
    assert kinds == {"added"}
    deployed = local_tapgen("deploy", "--yes", "--quiet", "--layer", "network", "--layer", "data")
    assert deployed.code == 0, deployed.err
    same = local_tapgen("diff", "--against", "deployed", "--format", "json")
    stacks = {s["layer"]: s for s in json.loads(same.out)["environments"]["dev"]["stacks"]}
    assert (stacks["network"]["kind"], stacks["data"]["kind"]) == ("same", "same")
    assert stacks["compute"]["kind"] == "added"
    setting(project, "dev", "read_capacity: 5", "read_capacity: 7")
    ran = local_tapgen("diff", "--against", "deployed", "--format", "json")
    found = changes(ran, "dev")
    assert found["data.TransactionsTable"]["effect"] == "in-place"
    plan = local_tapgen("plan", "--layer", "data", "--format", "json")
    assert plan.code == 0, plan.err
    planned = json.loads(plan.out)["environments"]["dev"]["data"]["changes"]
    predicted = {
        name.partition(".")[2] for name, change in found.items() if name.startswith("data.")
    }
    assert {change["logical_id"] for change in planned} <= predicted
