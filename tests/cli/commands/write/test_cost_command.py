from __future__ import annotations

import csv
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest


def table(text: str) -> dict[str, list[str]]:
    """The rows of the first table, by their first cell; cells stand two blanks apart."""
    block = text.split("\n\n", maxsplit=1)[0].splitlines()[1:]
    return {cells[0]: cells[1:] for line in block if (cells := re.split(r" {2,}", line))}


def test_each_layer_of_each_environment_and_what_was_assumed(project: Path, tapgen: Any) -> None:
    ran = tapgen("cost")
    assert ran.code == 0
    rows = table(ran.out)
    assert rows["layer"] == ["dev", "staging", "prod"]
    assert rows["data"][2] == "228.76 to 2,280.60"
    assert all(float(cell) > 0 for cell in rows["by usage"])
    assert rows["fixed"][2] == "365.06 to 2,420.90"
    assert "A month has 730 hours." in ran.err
    assert "Not counted, because the amount is not declared: data written by flow logs; " in ran.err
    assert tapgen("cost", "--quiet").err == ""


def test_one_environment_is_told_resource_by_resource(project: Path, tapgen: Any) -> None:
    ran = tapgen("cost", "prod")
    lines = [re.split(r" {2,}", line) for line in ran.out.splitlines()]
    gateway = ["network.NatGateway1", "NAT gateway hour", "730 NAT gateway-hour", "32.85"]
    assert gateway in lines
    assert not any("certificate.Certificate" in line for line in ran.out.splitlines())
    every = tapgen("cost", "--verbose").out
    assert "network.NatGateway1" in every
    assert [heading for heading in every.splitlines() if heading == "dev"] == ["dev"]


def test_usage_is_a_line_of_its_own(project: Path, tapgen: Any) -> None:
    ran = tapgen("cost", "dev")
    assert re.search(r"API Gateway REST API calls \(usage\) +1 million calls +3\.50", ran.out)
    common = project / "envs" / "common.yaml"
    common.write_text(common.read_text().replace("  requests_per_month: 1000000\n", ""))
    ran = tapgen("cost", "dev")
    rows = table(ran.out)
    assert (rows["by usage"], rows["total"]) == (["0.00"], rows["fixed"])
    assert "(usage)" not in ran.out


def test_json_and_csv_have_each_line_with_the_age_of_its_price(project: Path, tapgen: Any) -> None:
    record = json.loads(tapgen("cost", "dev", "--format", "json").out)
    found = record["environments"]["dev"]
    assert (record["currency"], record["against"], found["before"]) == ("USD", None, None)
    assert found["complete"] is True
    assert found["total"]["low"] > found["fixed"]["low"]
    rows = list(csv.DictReader(tapgen("cost", "dev", "--format", "csv").out.splitlines()))
    assert len(rows) == len(found["lines"])
    assert {row["environment"] for row in rows} == {"dev"}
    assert {row["price_as_of"] for row in rows} == {line["price_as_of"] for line in found["lines"]}


def git(*arguments: str) -> None:
    who = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *who, *arguments], check=True, capture_output=True, timeout=60)


def test_what_a_change_adds_resource_by_resource(project: Path, tapgen: Any) -> None:
    tapgen("render", "--quiet")
    git("init", "-q", "-b", "main")
    git("add", ".")
    git("commit", "-qm", "first")
    same = tapgen("cost", "--against", "main")
    assert table(same.out)["dev"][-1] == "+0.00"
    assert "What causes the change" not in same.out

    for name in ("dev", "staging"):
        path = project / "envs" / f"{name}.yaml"
        path.write_text(re.sub(r"  nat: \S+", "  nat: per-az", path.read_text()))
    ran = tapgen("cost", "--against", "main", "--format", "markdown")
    assert ran.out.startswith("<!-- tapgen cost -->\n### tapgen cost\n")
    assert re.search(r"\| dev \| [\d.]+ to [\d.]+ \| [\d.]+ to [\d.]+ \| \+73\.00 \|", ran.out)
    # What several environments have in common is told once.
    assert "| network.NatGateway2 | +32.85 | dev, staging |" in ran.out
    assert "| network.NatGateway1 | +32.85 | dev |" in ran.out
    record = json.loads(tapgen("cost", "dev", "--against", "main", "--format", "json").out)
    dev = record["environments"]["dev"]
    assert round(dev["total"]["low"] - dev["before"]["low"], 2) == 73
    assert record["against"].startswith("main")


def test_what_has_no_price_is_named(project: Path, tapgen: Any) -> None:
    common = project / "envs" / "common.yaml"
    text = common.read_text().replace("region: us-east-1", "region: eu-north-1")
    common.write_text(text)
    ran = tapgen("cost", "prod")
    assert ran.code == 0
    what = "NAT gateway hour in eu-north-1"
    lines = [re.split(r" {2,}", line) for line in ran.out.splitlines()]
    assert ["network.NatGateway1", what, "prod"] in lines
    rows = table(ran.out)
    assert rows["network"][0].endswith(" + ?")
    assert rows["total"][0].endswith(" + ?")
    assert not rows["certificate"][0].endswith(" + ?")
    assert "Without a known price" in tapgen("cost", "prod", "--format", "markdown").out
    assert "No price" not in ran.err
    assert re.search(r"network\.NatGateway1 +NAT gateway hour +730 NAT gateway-hour +\?", ran.out)
    record = json.loads(tapgen("cost", "prod", "--format", "json").out)["environments"]["prod"]
    assert record["complete"] is False
    unpriced = {"layer": "network", "logical_id": "NatGateway1", "what": what}
    assert unpriced in record["unpriced"]
    assert ",,,false," in tapgen("cost", "prod", "--format", "csv").out


def test_the_difference_of_two_environments_is_explained_by_settings(
    project: Path, tapgen: Any
) -> None:
    ran = tapgen("cost", "--explain", "staging", "prod")
    lines = [re.split(r" {2,}", line) for line in ran.out.splitlines()]
    rows = {name: cells for name, *cells in lines}
    # Two gateways more, each with an address: 2 x (32.85 + 3.65).
    assert rows["network.nat"] == ["single", "per-az", "+73.00"]
    # 75 more for three tables and an index, 730 hours at 0.00013; the most is another setting.
    assert rows["data.read_capacity"] == ["25", "100", "+28.47 to +0.00"]
    assert rows["data.read_capacity_max"] == ["100", "1000", "+0.00 to +341.64"]
    assert "name" not in rows
    record = json.loads(tapgen("cost", "--explain", "staging", "prod", "--format", "json").out)
    found = record["environments"]
    for end in ("low", "high"):
        parts = sum(one["change"][end] for one in record["explained"])
        difference = found["prod"]["total"][end] - found["staging"]["total"][end]
        assert abs(parts - difference) < 0.05  # each is rounded to a cent


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--explain",), "needs two environments"),
        (("--explain", "dev"), "needs two environments"),
        (
            ("--explain", "dev", "prod", "--against", "dev"),
            "--explain cannot be used with --against",
        ),
    ],
)
def test_an_explanation_is_of_two(
    project: Path, tapgen: Any, words: tuple[str, ...], message: str
) -> None:
    ran = tapgen("cost", *words)
    assert (ran.code, ran.out) == (2, "")
    assert message in ran.err


def test_what_nothing_has_changed_since_is_not_estimated_again(
    project: Path, tapgen: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TAPGEN_NO_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(project / "cache"))
    monkeypatch.setattr("tapgen.render.memory.evidence.settled", lambda _: True)
    first = tapgen("cost", "dev", "--format", "json")
    cached = {path.name for path in (project / "cache" / "tapgen").iterdir()}

    def never(*_: object) -> None:
        raise AssertionError

    with monkeypatch.context() as again:
        again.setattr("tapgen.review.cost.estimate.estimate", never)
        assert tapgen("cost", "dev", "--format", "json") == first
        assert tapgen("cost", "dev", "--verbose").out.startswith("US dollars a month")
    assert {path.name for path in (project / "cache" / "tapgen").iterdir()} == cached
    head = "component,unit,region,usd,source,source_date"
    own = "NAT gateway hour,NAT gateway-hour,us-east-1,1,ours,2026-11"
    (project / "prices.csv").write_text(f"{head}\n{own}\n")
    common = project / "envs" / "dev.yaml"
    common.write_text(common.read_text().replace("nat: none", "nat: single"))
    assert " 730.00" in tapgen("cost", "dev").out
    (project / "prices.csv").write_text(f"{head}\n{own.replace(',1,', ',2,')}\n")
    assert " 1,460.00" in tapgen("cost", "dev").out
    (project / "prices.csv").unlink()
    assert " 32.85" in tapgen("cost", "dev").out
    assert tapgen("cost", "dev", "--no-cache").out == tapgen("cost", "dev").out
