from __future__ import annotations

import json

import pytest

from tapgen.cli import machine
from tapgen.errors import RefusedError, TapgenError
from tapgen.settings.faults import EnvironmentFaults, Fault, Source
from tests.cli.json_output import check_against


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("plan --format json", True),
        ("plan --format=json dev", True),
        ("plan -f json", True),
        ("plan -fjson", True),
        ("plan -qf json", True),
        ("plan -vfjson", True),
        ("plan --format text", False),
        ("plan --format jsonl", False),
        ("plan --out json", False),
        ("plan -e json", False),
        ("plan --profile=json", False),
        ("", False),
    ],
)
def test_whether_json_is_wanted(line: str, wanted: bool) -> None:
    assert machine.is_wanted(line.split()) is wanted


def test_a_document_says_its_version_first(capsys: pytest.CaptureFixture[str]) -> None:
    machine.show({"environments": {}, "at": 1j})
    assert json.loads(capsys.readouterr().out) == {"version": 1, "environments": {}, "at": "1j"}


def test_a_document_may_hold_the_error_that_it_ends_with(
    capsys: pytest.CaptureFixture[str],
) -> None:
    error = RefusedError("data would be lost", "Allow it.")
    machine.show({"environments": {}}, error)
    document = json.loads(capsys.readouterr().out)
    check_against("plan", document)
    assert error.is_told
    assert document["error"] == {
        "code": 4,
        "kind": "refused",
        "message": "data would be lost",
        "hint": "Allow it.",
        "place": None,
        "faults": [],
    }
    assert not TapgenError("another").is_told


def test_faults_of_settings_have_their_places(capsys: pytest.CaptureFixture[str]) -> None:
    faults = [
        Fault(Source("envs/dev.yaml", 3, 7), "domain", "does not fit", "write another"),
        Fault(None, "", "there is nothing"),
    ]
    machine.show_problem(machine.problem_of(EnvironmentFaults(faults)))
    (line,) = capsys.readouterr().out.splitlines()
    check_against("error", json.loads(line))
    place = {"path": "envs/dev.yaml", "line": 3, "column": 7}
    error = json.loads(line)["error"]
    assert (error["code"], error["kind"], error["place"]) == (1, "failed", place)
    assert error["faults"] == [
        {"place": None, "setting": "", "message": "there is nothing", "hint": ""},
        {
            "place": place,
            "setting": "domain",
            "message": "does not fit",
            "hint": "write another",
        },
    ]
