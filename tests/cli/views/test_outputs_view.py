from __future__ import annotations

import json
import subprocess
from pathlib import Path

import click
import pytest

from tapgen.aws.cloudformation.stack_state import StackState
from tapgen.cli.views import outputs as view
from tapgen.deploy.observe.inspection import Seen
from tapgen.deploy.observe.stale_inputs import Staleness
from tapgen.errors import RefusedError
from tapgen.model.deployed.events import ResourceEvent
from tapgen.model.layer import OutputRef
from tapgen.operations.observation import Outputs
from tapgen.review.parity.staleness import StaleInput
from tests.cli.json_output import check_against

OUTPUTS = {
    "zone": {"NameServers": "ns-1,ns-2", "HostedZoneId": "Z1"},
    "api": {"ApiUrl": "https://x/v1"},
}


def test_table() -> None:
    assert [line.split() for line in click.unstyle(view.outputs_table(OUTPUTS)).splitlines()] == [
        ["layer", "output", "value"],
        ["zone", "HostedZoneId", "Z1"],
        ["zone", "NameServers", "ns-1,ns-2"],
        ["api", "ApiUrl", "https://x/v1"],
    ]


def test_json(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    view.show_outputs(Outputs(OUTPUTS, "dev", "1", "us-east-1"), "json", tmp_path)
    assert json.loads(capsys.readouterr().out) == {
        "version": 1,
        "environment": "dev",
        "layers": OUTPUTS,
    }


def test_other_forms_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    found = Outputs(OUTPUTS, "dev", "1", "us-east-1")
    for form, text in (("table", view.outputs_table), ("dotenv", view.outputs_dotenv)):
        view.show_outputs(found, form, None)
        assert capsys.readouterr().out == click.unstyle(f"{text(OUTPUTS)}\n")


def test_flat_has_facts_about_the_environment_and_is_sorted() -> None:
    text = view.outputs_flat(OUTPUTS, {"environment": "dev"})
    assert text.endswith("}\n")
    record = json.loads(text)
    assert record == {
        "environment": "dev",
        "api.ApiUrl": "https://x/v1",
        "zone.HostedZoneId": "Z1",
        "zone.NameServers": "ns-1,ns-2",
    }
    assert list(record) == sorted(record)


def test_flat_replaces_an_earlier_file_of_outputs_only(tmp_path: Path) -> None:
    found = Outputs(OUTPUTS, "dev", "111111111111", "us-east-1", "http://127.0.0.1:4566")
    for place in (tmp_path, tmp_path / "flat-outputs.json"):  # a folder takes the usual name
        view.show_outputs(found, "flat", place)
    path = tmp_path / "flat-outputs.json"
    assert json.loads(path.read_text())["endpoint_url"] == "http://127.0.0.1:4566"
    for text in ("{}", "no json"):
        path.write_text(text)
        with pytest.raises(RefusedError, match="is not a file of outputs"):
            view.show_outputs(found, "flat", tmp_path)
        assert path.read_text() == text


def test_dotenv() -> None:
    assert view.outputs_dotenv(OUTPUTS).splitlines() == [
        'ZONE_HOSTED_ZONE_ID="Z1"',
        'ZONE_NAME_SERVERS="ns-1,ns-2"',
        'API_API_URL="https://x/v1"',
    ]


@pytest.mark.parametrize("value", ["plain", "$HOME", "`id`", 'say "hi"', "back\\slash", "a b;c #d"])
def test_a_shell_reads_exactly_the_value(value: str) -> None:
    script = view.outputs_dotenv({"api": {"Value": value}}) + '\nprintf %s "$API_VALUE"'
    ran = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout == value


STATES = {
    "network": StackState(
        "p-network", "CREATE_COMPLETE", reason="", updated="2026-01-02T03:04:05.67"
    ),
    "data": StackState("p-data", "UPDATE_ROLLBACK_COMPLETE", reason="Table: no"),
    "storage": StackState("p-storage", "UPDATE_COMPLETE", reason="leftover text"),
    "api": StackState("p-api", "UPDATE_IN_PROGRESS"),
    "dns": StackState("p-dns"),
}
REGIONS = dict.fromkeys(STATES, "eu-west-1")


def test_status(capsys: pytest.CaptureFixture[str]) -> None:
    view.show_status({"dev": Seen(STATES, REGIONS, {}, Staleness())}, "text")
    out, err = capsys.readouterr()
    assert [line.split() for line in out.splitlines()[1:]] == [
        ["network", "p-network", "eu-west-1", "CREATE_COMPLETE", "2026-01-02T03:04:05"],
        ["data", "p-data", "eu-west-1", "UPDATE_ROLLBACK_COMPLETE", "-"],
        ["storage", "p-storage", "eu-west-1", "UPDATE_COMPLETE", "-"],
        ["api", "p-api", "eu-west-1", "UPDATE_IN_PROGRESS", "-"],
        ["dns", "p-dns", "eu-west-1", "ABSENT", "-"],
    ]
    assert err == "\ndata: Table: no\n"


def test_status_in_colours() -> None:
    states = {**STATES, "failed": StackState("p-failed", "UPDATE_ROLLBACK_FAILED")}
    colours = {name: view._coloured(state.status)[:5] for name, state in states.items()}
    assert colours == {
        "network": "\x1b[32m",  # green
        "data": "\x1b[32m",
        "failed": "\x1b[31m",  # red
        "storage": "\x1b[32m",
        "api": "\x1b[33m",  # yellow
        "dns": "\x1b[90m",  # dim
    }


def test_status_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    view.show_status({"dev": Seen({"data": STATES["data"]}, REGIONS, {}, Staleness())}, "json")
    (record,) = json.loads(capsys.readouterr().out)["environments"].values()
    assert record == {
        "data": {
            "stack": "p-data",
            "status": "UPDATE_ROLLBACK_COMPLETE",
            "reason": "Table: no",
            "region": "eu-west-1",
            "updated": "",
            "termination_protection": False,
            "at": None,
            "stale_inputs": [],
        }
    }


def test_status_says_where_aws_is_at_work(capsys: pytest.CaptureFixture[str]) -> None:
    event = ResourceEvent("1", "Stage", "s", "AWS::ApiGateway::Stage", "UPDATE_IN_PROGRESS")
    states = {"api": STATES["api"]}
    view.show_status({"dev": Seen(states, REGIONS, {"api": event}, Staleness())}, "text")
    assert "\napi is at Stage (AWS::ApiGateway::Stage): UPDATE_IN_PROGRESS\n" in (
        capsys.readouterr().out
    )
    view.show_status({"dev": Seen(states, REGIONS, {"api": event}, Staleness())}, "json")
    assert json.loads(capsys.readouterr().out)["environments"]["dev"]["api"]["at"] == "Stage"


def test_status_tells_inputs_that_are_not_what_they_come_from(
    capsys: pytest.CaptureFixture[str],
) -> None:
    source = OutputRef("zone", "Id", environment="far")
    found = Staleness(
        {"api": (StaleInput("Parent", source, "Z1", "Z2"),)}, {"other": "no credentials"}
    )
    states = {"api": STATES["storage"]}
    view.show_status({"dev": Seen(states, REGIONS, {}, found)}, "text")
    out, err = capsys.readouterr()
    assert out.endswith("\napi has Z1 from far.zone.Id, which is now Z2\n")
    assert err == "\nvalues that are read from other are not compared: no credentials\n"
    view.show_status({"dev": Seen(states, REGIONS, {}, found)}, "json")
    assert json.loads(capsys.readouterr().out)["environments"]["dev"]["api"]["stale_inputs"] == [
        {"parameter": "Parent", "from": "far.zone.Id", "held": "Z1", "current": "Z2"}
    ]


def test_of_several_environments_there_is_a_line_each(
    capsys: pytest.CaptureFixture[str],
) -> None:
    seen = Seen(STATES, REGIONS, {}, Staleness())
    view.show_status({"dev": seen, "qa": seen}, "text")
    out, err = capsys.readouterr()
    assert [line.split()[0] for line in out.splitlines()] == ["environment", "dev", "qa"]
    view.show_status({"dev": seen}, "text")
    alone = capsys.readouterr()
    view.show_status({"dev": seen}, "json")
    record = json.loads(capsys.readouterr().out)["environments"]["dev"]
    view.show_status({"dev": seen, "qa": seen}, "json")
    assert json.loads(capsys.readouterr().out) == {
        "version": 1,
        "environments": {"dev": record, "qa": record},
    }
    assert err.split() == [
        word
        for name in ("dev", "qa")
        for line in alone.err.splitlines()
        if line
        for word in [name, *line.split()]
    ]


def test_the_usual_file_is_below_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    view.show_outputs(Outputs(OUTPUTS, "dev", "1", "us-east-1"), "flat", None)
    assert capsys.readouterr().out == "wrote cfn-outputs/flat-outputs.json\n"
    document = json.loads((tmp_path / "cfn-outputs" / "flat-outputs.json").read_text())
    check_against("flat-outputs", document)
