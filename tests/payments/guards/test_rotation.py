"""The origin secret: what the API accepts and what CloudFront sends, through rotations."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tapgen.deploy.flow.host import SILENT
from tapgen.deploy.guards.guard import Subject
from tapgen.errors import RefusedError
from tapgen.model.deployed.events import succeeded
from tapgen.model.layer import OutputRef
from tapgen.payments.guards.rotation import check_rotation
from tests.conftest import ENVS, aws_client

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.deploy.target.target import Target
    from tapgen.local.client import LocalAws
    from tapgen.model.stack import Stack
    from tests.lab import Lab

DEPLOY = "tapgen deploy --env lab --layer api --layer cdn --local"
AWAY = "eu-west-1"
GLOBAL = "us-east-1"


# --- the guard ------------------------------------------------------------------------------


def api_stack(lab: Lab, generation: int) -> Stack:
    return lab.stack(
        "api",
        {"Note": lab.note({"Ref": "Generation"})},
        parameters={"Generation": str(generation)},
        settings={"Generation": "api.origin_secret_generation"},
        outputs={"Name": {"Fn::Sub": "lab/origin-verify/${Generation}"}},
    )


def cdn_stack(lab: Lab) -> Stack:
    return lab.stack(
        "cdn",
        {"Note": lab.note({"Ref": "OriginSecretName"})},
        inputs={"OriginSecretName": OutputRef("api", "Name")},
    )


def refused(target: Target, layer: str) -> bool:
    try:
        check_rotation(Subject(target, {layer}))
    except RefusedError:
        return True
    return False


@pytest.fixture
def sends_two(lab: Lab) -> Lab:
    lab.deploy(api_stack(lab, 2), cdn_stack(lab))
    return lab


@pytest.mark.parametrize("generation", [2, 3])
def test_the_generation_that_is_sent_and_the_next_one_are_deployed(
    sends_two: Lab, generation: int
) -> None:
    ran = sends_two.deploy(api_stack(sends_two, generation), cdn_stack(sends_two))
    assert {layer: succeeded(outcome) for layer, outcome in ran.outcomes.items()} == (
        {"api": True, "cdn": True}
    )


@pytest.mark.parametrize(
    ("generation", "hint"),
    [
        (1, "The generation only increases: set it to 2, or to 3 to rotate."),
        (4, f"One step at a time: set it to 3, run `{DEPLOY}`, then raise it again."),
    ],
)
def test_a_jump_and_a_way_back_are_refused_before_anything_is_planned(
    sends_two: Lab, generation: int, hint: str
) -> None:
    deployment = sends_two.deployment(api_stack(sends_two, generation), cdn_stack(sends_two))
    with pytest.raises(RefusedError, match=f"generation is {generation}, but CloudFront") as caught:
        sends_two.plan(deployment)
    assert "secret of generation 2" in caught.value.message
    assert caught.value.hint == hint
    assert sends_two.change_sets("api") == []


def test_a_rotation_that_did_not_reach_cloudfront_is_finished_before_the_next(lab: Lab) -> None:
    lab.deploy(api_stack(lab, 2), cdn_stack(lab))
    third = lab.target(api_stack(lab, 3), cdn_stack(lab))
    deployment = lab.deployment(*third.stacks.values())
    deployment.graph = third.part(["api"])
    deployment.carry_out(lab.plan(deployment), SILENT)
    for generation, fine in ((1, False), (2, True), (3, True), (4, False)):
        target = lab.target(api_stack(lab, generation), cdn_stack(lab))
        assert refused(target, "api") is not fine


def test_a_plan_that_was_made_before_is_refused_when_it_is_carried_out(sends_two: Lab) -> None:
    lab = sends_two
    deployment = lab.deployment(api_stack(lab, 3), cdn_stack(lab))
    plan = lab.plan(deployment)
    moved = lab.deployment(api_stack(lab, 3), cdn_stack(lab))
    moved.carry_out(lab.plan(moved), SILENT)
    last = lab.deployment(api_stack(lab, 4), cdn_stack(lab))
    last.carry_out(lab.plan(last), SILENT)
    deployment.carry_out(plan, SILENT)
    assert not succeeded(deployment.outcomes["api"])


def test_nothing_is_asked_where_there_is_nothing_to_compare(lab: Lab) -> None:
    assert not refused(lab.target(lab.stack("data", {"Note": lab.note()})), "data")
    assert not refused(lab.target(api_stack(lab, 7)), "api")
    assert not refused(lab.target(api_stack(lab, 7), cdn_stack(lab)), "cdn")
    assert not refused(lab.target(api_stack(lab, 7), cdn_stack(lab)), "api")
    unnumbered = lab.stack("api", {"Note": lab.note()}, outputs={"Name": "lab/origin-verify"})
    lab.deploy(unnumbered, cdn_stack(lab))
    assert not refused(lab.target(unnumbered, cdn_stack(lab)), "api")
    assert not refused(lab.target(api_stack(lab, 7), cdn_stack(lab)), "api")


# --- the real templates, in another region than CloudFront's ----------------------------------


@dataclass
class World:
    """The environment `turn`, what tapgen said about it, and what AWS has."""

    local: LocalAws
    account: str
    envs: Path
    said: list[str] = field(default_factory=list)

    @property
    def _options(self) -> list[str]:
        return ["--env", "turn", "--local", "--envs-dir", str(self.envs)]

    def tapgen(self, command: str, *arguments: str) -> int:
        """Run tapgen as its users do; everything that it prints is kept."""
        environment = {**os.environ, "COLUMNS": "200", "NO_COLOR": "1"}
        done = subprocess.run(
            [sys.executable, "-m", "tapgen", command, *arguments, *self._options],
            cwd=self.local.directory.parents[1],
            env=environment,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        self.said += [done.stdout, done.stderr]
        return done.returncode

    def rotate(self, generation: int) -> None:
        path = self.envs / "turn.yaml"
        settings = yaml.safe_load(path.read_text())
        settings["api"]["origin_secret_generation"] = generation
        path.write_text(yaml.safe_dump(settings))

    def client(self, service: str, region: str = AWAY) -> Any:
        return aws_client(self.local, service, self.account, region)

    def secrets(self, region: str = AWAY) -> dict[str, str]:
        """Name -> value of the secrets that exist."""
        client = self.client("secretsmanager", region)
        return {
            secret["Name"]: json.loads(
                client.get_secret_value(SecretId=secret["Name"])["SecretString"]
            )["current"]
            for secret in client.list_secrets()["SecretList"]
        }

    def accepted(self) -> set[str]:
        """What the API's firewall lets in."""
        client = self.client("wafv2")
        (acl,) = client.list_web_acls(Scope="REGIONAL")["WebACLs"]
        found = client.get_web_acl(Name=acl["Name"], Scope="REGIONAL", Id=acl["Id"])["WebACL"]
        statement = found["Rules"][0]["Statement"]["NotStatement"]["Statement"]["OrStatement"]
        # The local AWS keeps CloudFormation's plain text, which botocore takes for base64.
        return {
            base64.b64encode(one["ByteMatchStatement"]["SearchString"]).decode()
            for one in statement["Statements"]
        }

    def sent(self) -> str:
        """What CloudFront sends."""
        client = self.client("cloudfront", GLOBAL)
        (site,) = client.list_distributions()["DistributionList"]["Items"]
        origin = client.get_distribution_config(Id=site["Id"])["DistributionConfig"]["Origins"]
        (header,) = origin["Items"][0]["CustomHeaders"]["Items"]
        assert header["HeaderName"] == "x-origin-verify"
        return str(header["HeaderValue"])

    def told(self) -> Iterator[str]:
        """Whatever CloudFormation shows, and whatever tapgen said or wrote down."""
        yield from self.said
        for region in (AWAY, GLOBAL):
            client = self.client("cloudformation", region)
            for stack in client.describe_stacks()["Stacks"]:
                name = stack["StackName"]
                yield str(stack)
                yield str(client.describe_stack_events(StackName=name)["StackEvents"])
                yield str(client.describe_stack_resources(StackName=name))
                yield str(client.get_template(StackName=name)["TemplateBody"])
                for summary in client.list_change_sets(StackName=name)["Summaries"]:
                    yield str(client.describe_change_set(ChangeSetName=summary["ChangeSetId"]))
        for path in [*self.envs.parent.rglob("*"), *self.local.directory.glob("*.log")]:
            if path.is_file():
                yield path.read_text(errors="replace")


@pytest.fixture
def world(lab: Lab, tmp_path: Path) -> World:
    envs = tmp_path / "envs"
    shutil.copytree(ENVS, envs)
    settings = yaml.safe_load((ENVS / "prod.yaml").read_text())
    del settings["domain"]
    settings |= {"name": "turn", "account_id": lab.account, "region": AWAY}
    settings["network"] = {**settings["network"], "cidr": "10.99.0.0/16"}
    settings["api"] = {**settings["api"], "origin_secret_generation": 1}
    for path in envs.glob("*.yaml"):
        if path.stem != "common":
            path.unlink()
    (envs / "turn.yaml").write_text(yaml.safe_dump(settings))
    return World(lab.local, lab.account, envs)


@pytest.mark.slow
def test_a_protected_environment_rotates_without_a_gap_and_without_a_leak(
    world: World, tmp_path: Path
) -> None:
    seen: set[str] = set()

    def check(accepted: set[str], sent: str) -> None:
        values = {name.rpartition("/")[2]: value for name, value in world.secrets().items()}
        seen.update(values.values())
        assert values.keys() == accepted
        assert world.secrets(GLOBAL) == world.secrets()  # the replicas
        assert world.accepted() == set(values.values())
        assert world.sent() == values[sent]
        assert all(len(value) == 64 and value.isalnum() for value in values.values())

    assert world.tapgen("deploy", "--yes") == 0, world.said[-1]
    check({"0", "1"}, "1")

    world.rotate(2)
    assert world.tapgen("diff", "--against", "deployed") == 0
    assert "REFUSED" not in world.said[-2]
    plan = tmp_path / "plan.json"
    assert world.tapgen("plan", "--out", str(plan)) == 0, world.said[-1]
    assert world.tapgen("deploy", "--plan", str(plan), "--yes") == 0, world.said[-1]
    check({"1", "2"}, "2")

    world.rotate(4)
    assert world.tapgen("plan") == 4
    assert "would accept generations 4 and 3 only" in world.said[-1]
    world.rotate(1)
    assert world.tapgen("deploy", "--yes") == 4
    check({"1", "2"}, "2")

    world.rotate(3)
    assert world.tapgen("deploy", "--yes", "--layer", "api") == 0, world.said[-1]
    check({"2", "3"}, "2")  # the API is ahead, and CloudFront still gets in
    assert world.tapgen("deploy", "--yes") == 0, world.said[-1]
    check({"2", "3"}, "3")
    for command in ("drift", "verify", "outputs", "status"):
        world.tapgen(command, "--format", "json")
    assert len(seen) == 4
    for text in world.told():
        assert not [value for value in seen if value in text]
