"""`tapgen cost --refresh` against a server that answers as AWS's Price List does."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.documents import blocks
from tests.paths import ROOT
from tests.price_list import PriceList, product, served

NAT = "NatGateway-Hours"
HEAD = "component,unit,region,usd,source,source_date"


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[PriceList]:
    price_list = PriceList()
    with served(price_list) as address:
        monkeypatch.setenv("AWS_ENDPOINT_URL_PRICING", address)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "nobody")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "none")
        monkeypatch.setattr("tapgen.aws.patience._pause", lambda _: 0.001)
        yield price_list


def table(text: str, title: str) -> list[list[str]]:
    """The rows below a title; cells stand two blanks apart."""
    _, _, below = text.partition(f"{title}\n")
    return [re.split(r" {2,}", line) for line in below.split("\n\n")[0].splitlines()[1:]]


def lines(project: Path, file: str = "prices.csv") -> dict[tuple[str, str], dict[str, str]]:
    found = csv.DictReader((project / file).read_text().splitlines())
    return {(row["component"], row["region"]): row for row in found}


def test_the_prices_of_what_environments_have_are_written_and_used(
    project: Path, tapgen: Any, aws: PriceList
) -> None:
    aws.set_price(NAT, "0.05")
    ran = tapgen("cost", "--refresh")
    assert ran.code == 0, ran.err
    written = lines(project)
    gateway = written["NAT gateway hour", "us-east-1"]
    assert gateway["usd"] == "0.05"
    assert gateway["source"] == "AWS Price List: AmazonEC2 NatGateway-Hours"
    assert gateway["source_date"] == "2026-11-20"
    assert {region for _, region in written} == {
        "edge United States/Mexico/Canada",
        "global",
        "us-east-1",
    }
    (shown,) = blocks((ROOT / "docs" / "cost.md").read_text())
    assert ran.out.startswith(f"{shown}\n")
    assert f"asking AWS for {len(written)} prices" in ran.err
    assert f"prices.csv has {len(written)} prices from AWS's Price List, published 2026-11-20" in (
        ran.err
    )
    # 730 hours at 0.05 instead of 0.045.
    assert "36.50" in tapgen("cost", "prod").out
    again = tapgen("cost", "prod")
    assert "prices from prices.csv, dated 2026-11-20." in again.err
    assert "from tapgen's own table, dated " in again.err


def test_what_is_asked_is_what_the_table_says_page_by_page(
    project: Path, tapgen: Any, aws: PriceList
) -> None:
    free = {"usagetype": "Global-NatGateway-Hours", "productFamily": "NAT Gateway"}
    (own,) = aws.of(NAT)
    attributes = own["product"]["attributes"]
    family = {"productFamily": "NAT Gateway"}
    twins = [product({**attributes, **family}, ("0", "0.045"), sku=name) for name in "abcd"]
    aws.products += [("AmazonEC2", one) for one in twins]
    aws.products.append(("AmazonEC2", product({**attributes, **free}, ("0", "9"))))
    assert tapgen("cost", "prod", "--refresh").code == 0
    assert lines(project)["NAT gateway hour", "us-east-1"]["usd"] == "0.045"
    asked = [one for one in aws.asked if one["ServiceCode"] == "AmazonEC2"]
    assert [one.get("NextToken") for one in asked] == [None, "2", "4"]
    assert {one["Field"]: one["Value"] for one in asked[0]["Filters"]} == {
        "usagetype": NAT,
        "regionCode": "us-east-1",
        **family,
    }


def test_the_same_answers_give_the_same_file(project: Path, tapgen: Any, aws: PriceList) -> None:
    tapgen("cost", "--refresh", "--quiet")
    before = (project / "prices.csv").read_bytes()
    ran = tapgen("cost", "--refresh", "--quiet")
    assert (ran.code, ran.err) == (0, "")
    assert "Prices that have changed" not in ran.out
    assert (project / "prices.csv").read_bytes() == before


def test_all_that_aws_does_not_tell_is_told_and_the_file_stays(
    project: Path, tapgen: Any, aws: PriceList
) -> None:
    tapgen("cost", "--refresh")
    before = (project / "prices.csv").read_bytes()
    aws.forget(NAT)
    aws.set_price("USE1-WebACLV2", "50000")
    (key,) = aws.of("us-east-1-KMS-Keys")
    values = {**key["product"]["attributes"], "productFamily": "Encryption Key"}
    aws.products.append(("awskms", product(values, ("0", "2"))))
    ran = tapgen("cost", "--refresh")
    assert (ran.code, ran.out) == (1, "")
    assert "AWS's Price List does not have 3 of " in ran.err
    assert "NAT gateway hour in us-east-1: no product (asked for AmazonEC2: usagetype=" in ran.err
    assert "several prices, 1 (us-east-1-KMS-Keys" in ran.err
    assert "WAF web ACL in us-east-1: 50000 instead of 5" in ran.err
    assert (project / "prices.csv").read_bytes() == before
    assert [one.name for one in project.iterdir() if "prices" in one.name] == ["prices.csv"]


def test_the_advice_leads_on(project: Path, tapgen: Any, aws: PriceList) -> None:
    """Its lines are a file that is taken, and what they are about is asked for no more."""
    aws.forget(NAT)
    ran = tapgen("cost", "--refresh")
    assert not (project / "prices.csv").exists()
    told = ran.err.partition("component,unit,region")
    (project / "prices.csv").write_text("".join(told[1:]))
    ran = tapgen("cost", "--refresh")
    assert ran.code == 0, ran.err
    assert "; 1 of your own are unchanged." in ran.err
    assert "network.NatGateway1  NAT gateway hour in us-east-1" in ran.out
    gateway = lines(project)["NAT gateway hour", "us-east-1"]
    assert (gateway["usd"], gateway["source"]) == ("", "by hand")
    # With a file that has a line of the Price List, the advice leads on as well.
    aws.forget("USE1-WebACLV2")
    ran = tapgen("cost", "--refresh")
    with (project / "prices.csv").open("a") as file:
        file.write(ran.err.partition("does not change lines that you wrote.\n")[2])
    assert tapgen("cost", "--refresh").code == 0
    assert lines(project)["WAF web ACL", "us-east-1"]["source"] == "by hand"


def test_lines_of_people_stay_and_are_asked_for_by_nobody(
    project: Path, tapgen: Any, aws: PriceList
) -> None:
    own = "NAT gateway hour,NAT gateway-hour,us-east-1,0.03,our agreement,2026-11"
    robots = "Robot,robot-month,us-east-1,1000,our robots,2026-11"
    (project / "prices.csv").write_text(f"{HEAD}\n{own}\n{robots}\n")
    ran = tapgen("cost", "--refresh")
    assert ran.code == 0, ran.err
    assert own in (project / "prices.csv").read_text()
    assert robots in (project / "prices.csv").read_text()
    assert not [one for one in aws.asked if one["ServiceCode"] == "AmazonEC2"]
    assert "Prices that nothing uses: Robot." in ran.err
    assert "Robot" not in tapgen("cost", "dev").err


def test_where_people_know_all_prices_nobody_is_asked(
    project: Path, tapgen: Any, aws: PriceList
) -> None:
    file = project / "prices.csv"
    tapgen("cost", "--refresh")
    file.write_text(file.read_text().replace("AWS Price List: ", "our copy of "))
    aws.asked.clear()
    before = file.read_bytes()
    ran = tapgen("cost", "--refresh")
    assert (ran.code, aws.asked, file.read_bytes()) == (0, [], before)
    assert "prices.csv has 0 prices from AWS's Price List; " in ran.err


def test_of_one_environment_the_others_keep_theirs(
    project: Path, tapgen: Any, aws: PriceList
) -> None:
    tapgen("cost", "--refresh")
    every = lines(project)
    tapgen("cost", "dev", "--refresh")
    assert lines(project) == every
    for name in ("staging", "prod"):
        (project / "envs" / f"{name}.yaml").unlink()
    tapgen("cost", "--refresh")
    gone = every.keys() - lines(project).keys()
    assert ("NAT gateway hour", "us-east-1") in gone


def test_json_and_markdown_have_what_has_changed(
    project: Path, tapgen: Any, aws: PriceList
) -> None:
    aws.set_price(NAT, "0.05")
    record = json.loads(tapgen("cost", "--refresh", "--format", "json").out)
    change = {"component": "NAT gateway hour", "unit": "NAT gateway-hour", "region": "us-east-1"}
    assert record["refreshed"]["changes"] == [{**change, "old": "0.045", "new": "0.05"}]
    assert record["refreshed"]["file"] == "prices.csv"
    own, listed = record["prices"]["origins"]
    assert (own["file"], listed["file"]) == ("prices.csv", None)
    files = {line["price_file"] for line in record["environments"]["prod"]["lines"]}
    assert files == {"prices.csv", None}
    (project / "prices.csv").unlink()
    told = tapgen("cost", "--refresh", "--format", "markdown").out
    assert "| NAT gateway hour | NAT gateway-hour | us-east-1 | 0.045 | 0.05 |" in told
    assert "prices.csv has " in told
    sheet = tapgen("cost", "--refresh", "--format", "csv")
    assert sheet.out.startswith("environment,")
    assert "prices.csv has " in sheet.err
    assert json.loads(tapgen("cost", "--format", "json").out)["refreshed"] is None


def test_a_region_that_tapgen_has_no_price_of_gets_them(
    project: Path, tapgen: Any, aws: PriceList
) -> None:
    common = project / "envs" / "common.yaml"
    common.write_text(common.read_text().replace("region: us-east-1", "region: eu-north-1"))
    ran = tapgen("cost", "prod", "--refresh")
    assert ran.code == 1
    assert "NAT gateway hour in eu-north-1: no product" in ran.err
    text = json.dumps([pair for pair in aws.products if "us-west-2" in json.dumps(pair)])
    there = json.loads(text.replace("us-west-2", "eu-north-1").replace("USW2", "EUN1"))
    aws.products += map(tuple, there)
    ran = tapgen("cost", "prod", "--refresh")
    assert "Firehose Direct PUT ingestion" in ran.err  # it is in no table for us-west-2
    values = {"usagetype": "EUN1-BilledBytes", "regionCode": "eu-north-1", "operation": "PutRecord"}
    aws.products.append(("AmazonKinesisFirehose", product(values, ("0", "0.031"))))
    ran = tapgen("cost", "prod", "--refresh")
    assert ran.code == 0, ran.err
    assert "+ ?" not in ran.out
    assert ["NAT gateway hour", "NAT gateway-hour", "eu-north-1", "-", "0.045"] in table(
        ran.out, "Prices that have changed, in US dollars"
    )


def test_whoever_may_not_ask_is_told_once_what_that_takes(
    project: Path, tapgen: Any, aws: PriceList
) -> None:
    aws.refusal = (400, "AccessDeniedException", "User: x is not authorized")
    ran = tapgen("cost", "--refresh")
    assert ran.code == 1
    assert len(aws.asked) == 1
    assert "lack this permission: pricing:GetProducts" in ran.err
    assert not (project / "prices.csv").exists()


def test_the_first_environment_says_who_asks(
    project: Path, tapgen: Any, aws: PriceList, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    ran = tapgen("cost", "staging", "prod", "--refresh", "--profile", "ours-{env}")
    assert ran.code == 1
    assert "signing in with profile ours-staging" in ran.err
    assert aws.asked == []


def test_the_local_aws_has_no_prices(project: Path, tapgen: Any, aws: PriceList) -> None:
    ran = tapgen("cost", "--refresh", "--local")
    assert (ran.code, ran.out, aws.asked) == (2, "", [])
    assert "the local AWS has none" in ran.err


def test_a_file_that_is_wrong_stays_as_it_is(project: Path, tapgen: Any, aws: PriceList) -> None:
    (project / "prices.csv").write_text(
        "component,unit,region,usd,source,source_date\na,b,c,d,e,f\n"
    )
    ran = tapgen("cost", "--refresh")
    assert (ran.code, aws.asked) == (1, [])
    assert 'prices.csv:2:5: region: "c" is not valid' in ran.err
    assert "prices.csv:2:11: source_date" in ran.err
    assert tapgen("cost").code == 1


def test_the_project_says_where_the_file_is(project: Path, tapgen: Any, aws: PriceList) -> None:
    (project / "tapgen.toml").write_text('prices = "money/list.csv"\n')
    ran = tapgen("cost", "--refresh")
    assert "money/list.csv has " in ran.err
    assert lines(project, "money/list.csv")
    assert "prices from money/list.csv, dated 2026-11-20." in tapgen("cost").err
    assert not (project / "prices.csv").exists()


def test_comparisons_count_with_the_prices_of_the_project(project: Path, tapgen: Any) -> None:
    waf = "WAF web ACL,web ACL-month,us-east-1,1000,our agreement,2026-11"
    (project / "prices.csv").write_text(f"{HEAD}\n{waf}\n")
    compared = tapgen("diff", "--cost", "--against", "staging", "dev", "--format", "json")
    found = json.loads(compared.out)["environments"]["dev"]["cost"]
    assert found["now"]["low"] > 2_000  # two of them


@pytest.mark.slow
def test_a_limit_counts_with_the_prices_that_the_project_has_now(
    project: Path, tapgen: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What lint remembers depends on the file, and on whether there is one."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(project / "cache"))
    common = project / "envs" / "common.yaml"
    common.write_text(common.read_text().replace("cost:\n", "cost:\n  monthly_limit: 90\n"))
    file = project / "prices.csv"
    waf = "WAF web ACL,web ACL-month,us-east-1,{},our agreement,2026-11"

    def finds() -> bool:
        return "monthly-limit" in tapgen("lint", "dev").out

    assert not finds()
    file.write_text(f"{HEAD}\n{waf.format(1000)}\n")
    assert finds()
    file.write_text(f"{HEAD}\n{waf.format(5)}\n")
    assert not finds()
    file.unlink()
    assert not finds()
