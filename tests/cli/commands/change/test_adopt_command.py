"""`tapgen adopt`: a stack that was made by hand becomes the environment's own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests import advice
from tests.cli.conftest import Run, ended
from tests.lab import Lab
from tests.waiting import wait_until

if TYPE_CHECKING:
    from tapgen.local.client import LocalAws

ZONE = {"Type": "AWS::Route53::HostedZone", "DeletionPolicy": "Retain"}


@pytest.fixture
def account(project: Path, local_aws: LocalAws, local_tapgen: Run) -> Lab:
    text = (project / "envs" / "dev.yaml").read_text()
    return Lab(local_aws, text.split('account_id: "')[1][:12])


@pytest.fixture
def by_hand(account: Lab) -> Any:
    """Makes the zone's stack by hand, with its hosted zone under a logical id."""

    def make(logical_id: str = "HostedZone") -> None:
        name = f"a{account.account}.example.com"
        zone = {**ZONE, "Properties": {"Name": name}}
        cloudformation = account.client("cloudformation", "us-east-1")
        cloudformation.create_stack(
            StackName="payments-dev-zone",
            TemplateBody=json.dumps({"Resources": {logical_id: zone}}),
            Tags=[{"Key": "Owner", "Value": "ops"}],
        )
        wait_until(
            lambda: (
                cloudformation.describe_stacks(StackName="payments-dev-zone")["Stacks"][0][
                    "StackStatus"
                ]
                == "CREATE_COMPLETE"
            )
        )

    return make


def test_what_deploy_advises_about_a_stack_of_somebody_elses_leads_out(
    by_hand: Any, local_tapgen: Run, tapgen: Run
) -> None:
    by_hand()
    refused = local_tapgen("deploy", "--layer", "zone", "--yes")
    assert refused.code == 4
    (command,) = advice.advised(refused.err)
    assert command.startswith("adopt --env dev --layer zone")
    done = tapgen(*command.split(), "--yes")
    assert done.code == 0
    assert "taking over stack payments-dev-zone" in done.err
    deployed = local_tapgen("deploy", "--layer", "zone", "--yes", "--format", "json")
    assert ended(deployed)["zone"]["kind"] == "Unchanged"
    again = tapgen(*command.split(), "--yes")
    assert again.code == 0
    assert "belongs to this environment and is as declared: nothing to take over" in again.err


def test_it_is_shown_first(by_hand: Any, local_tapgen: Run) -> None:
    by_hand()
    shown = local_tapgen("adopt", "--layer", "zone", "--dry-run")
    assert shown.code == 0, shown.out
    assert "take over stack payments-dev-zone, " in shown.out
    assert "    its tags are removed: Owner=ops\n" in shown.out
    told = json.loads(local_tapgen("adopt", "--layer", "zone", "--dry-run", "--format", "json").out)
    assert told["environments"]["dev"]["zone"]["foreign"]["tags"] == {"Owner": "ops"}
    done = local_tapgen("adopt", "--layer", "zone", "--yes", "--format", "json")
    assert ended(done)["zone"]["kind"] == "Updated"
    again = local_tapgen("adopt", "--layer", "zone", "--yes", "--format", "json")
    assert ended(again)["zone"]["kind"] == "Unchanged"


def test_a_zone_is_not_lost_by_its_logical_id(by_hand: Any, local_tapgen: Run) -> None:
    by_hand("Zone")
    for options in (["--dry-run"], ["--yes"]):
        refused = local_tapgen("adopt", "--layer", "zone", *options)
        assert refused.code == 4
        assert "zone.Zone (AWS::Route53::HostedZone) would be removed" in refused.err
        assert "If it is HostedZone in the layer zone, change that logical id to Z" in refused.err


@pytest.fixture
def zone(account: Lab) -> str:
    """A hosted zone that somebody has made in the console; gives its id."""
    made = account.client("route53").create_hosted_zone(
        Name=f"a{account.account}.example.com",
        CallerReference="by hand",
        HostedZoneConfig={"Comment": "by hand", "PrivateZone": False},
    )
    return str(made["HostedZone"]["Id"]).removeprefix("/hostedzone/")


def test_what_deploy_advises_about_a_resource_of_somebody_elses_leads_out(
    zone: str, local_tapgen: Run, tapgen: Run
) -> None:
    refused = local_tapgen("deploy", "--layer", "zone", "--yes")
    assert refused.code == 4
    assert "may not be this environment's" in refused.err
    (command,) = advice.advised(refused.err)
    assert command.startswith("adopt --env dev --layer zone")
    shown = tapgen(*command.split(), "--dry-run")
    assert shown.code == 0
    assert f"    > HostedZone (AWS::Route53::HostedZone) {zone}\n" in shown.out
    assert "        HostedZoneConfig/Comment: by hand -> Payments API, payments-dev\n" in shown.out
    told = json.loads(tapgen(*command.split(), "--dry-run", "--format", "json").out)
    planned = told["environments"]["dev"]["zone"]
    assert {one["path"]: one["actual"] for one in planned["differences"]}[
        "HostedZoneConfig/Comment"
    ] == "by hand"
    done = tapgen(*command.split(), "--yes")
    assert done.code == 0
    assert "creating the stack that takes over existing" in done.err
    assert "taking over resources: HostedZone" in done.err
    assert zone in done.out
    deployed = local_tapgen("deploy", "--layer", "zone", "--yes", "--format", "json")
    assert ended(deployed)["zone"]["kind"] == "Unchanged"


def test_what_is_named_and_not_there_is_told(local_tapgen: Run) -> None:
    ran = local_tapgen("adopt", "--layer", "zone", "--resource", "HostedZone=Z1", "--yes")
    assert ran.code == 1
    assert "HostedZone: there is no AWS::Route53::HostedZone Z1 in us-east-1 of acc" in ran.err


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (
            ("--layer", "zone", "--resource", "Zone"),
            "--resource Zone is not a logical ID with",
        ),
        (("--layer", "zone", "--resource", "=x"), "--resource =x is not a logical ID with"),
        (("--layer", "zone", "--resource", "A=1", "--resource", "A=2"), "two identifiers for A"),
        (("--layer", "nothing"), "nothing"),
        ((), "--layer"),
    ],
)
def test_wrong_usage_is_told_before_anything_is_asked(
    tapgen: Run, options: tuple[str, ...], words: str
) -> None:
    ran = tapgen("adopt", "dev", "--dry-run", *options)
    assert ran.code == 2
    assert words in ran.err
