"""What guards refuse is told with all of the plan, before anything is executed or written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tapgen.local.client import LocalAws
from tests.cli.conftest import Run
from tests.conftest import aws_client

pytestmark = pytest.mark.slow

LAYERS = ("--layer", "zone", "--layer", "network")
ALLOWED = ("--allow-replacement", "zone.HostedZone")
DATA_LOSS = "zone.HostedZone (AWS::Route53::HostedZone) would be replaced and staging is protected"


class Staging:
    """tapgen on staging, which is protected, in an account of its own; two layers are deployed."""

    def __init__(self, tapgen: Run, envs: Path) -> None:
        self._tapgen = tapgen
        self._envs = envs
        settings = yaml.safe_load((envs / "staging.yaml").read_text())
        self.account: str = settings["account_id"]
        assert self("deploy", *LAYERS, "--yes").code == 0

    def __call__(self, command: str, *more: str) -> Any:
        envs = ("--env", "staging", "--local", "--envs-dir", str(self._envs))
        return self._tapgen(command, *envs, *more)

    def edit(self, *replacements: tuple[str, str]) -> None:
        path = self._envs / "staging.yaml"
        text = path.read_text()
        for old, new in replacements:
            assert old in text
            text = text.replace(old, new)
        path.write_text(text)

    def updated(self) -> dict[str, str]:
        """Layer -> when its stack was last made or changed."""
        record = json.loads(self("status", *LAYERS, "--format", "json").out)
        (found,) = record["environments"].values()
        return {layer: stack["updated"] for layer, stack in found.items()}


@pytest.fixture
def staging(local_tapgen: Any, tapgen: Run, project: Path) -> Staging:
    del local_tapgen  # which has chosen an account for dev
    dev, path = (project / "envs" / f"{name}.yaml" for name in ("dev", "staging"))
    (account,) = (line for line in dev.read_text().splitlines() if "account_id" in line)
    lines = path.read_text().splitlines()
    path.write_text("\n".join(account if "account_id" in line else line for line in lines) + "\n")
    dev.unlink()
    return Staging(tapgen, project / "envs")


def test_nothing_is_done_where_one_of_the_changes_is_refused(
    staging: Staging, tmp_path: Path
) -> None:
    before = staging.updated()
    staging.edit(("domain: staging.api", "domain: other.api"), ("STG-001", "STG-002"))

    planned = staging("plan", *LAYERS)
    assert planned.code == 4
    (line,) = (one for one in planned.out.splitlines() if "HostedZone " in one)
    assert line.endswith("DATA LOSS  REFUSED, --allow-replacement zone.HostedZone would allow it")
    assert f"error: {DATA_LOSS}" in planned.err
    assert "next: If that is intended, say so: --allow-replacement zone.HostedZone" in planned.err

    file = tmp_path / "plan.json"
    kept = staging("plan", *LAYERS, "--out", str(file))
    assert (kept.code, file.exists()) == (4, False)
    record = json.loads(staging("plan", *LAYERS, "--format", "json").out)
    (refusal,) = record["environments"]["staging"]["zone"]["refusals"]
    assert (refusal["resource"], refusal["reason"]) == ("HostedZone", DATA_LOSS)
    assert record["environments"]["staging"]["network"]["refusals"] == []

    deployed = staging("deploy", *LAYERS, "--yes")
    assert deployed.code == 4
    assert f"error: {DATA_LOSS}" in deployed.err
    assert staging.updated() == before  # network neither, although nothing is wrong with it


def test_what_is_allowed_is_reviewed_as_a_file_and_allowed_again(
    staging: Staging, tmp_path: Path
) -> None:
    staging.edit(("domain: staging.api", "domain: other.api"))
    file = tmp_path / "plan.json"
    planned = staging("plan", *LAYERS, *ALLOWED, "--out", str(file))
    assert planned.code == 0
    assert f"--plan {file} {' '.join(ALLOWED)} --envs-dir" in planned.err

    assert staging("deploy", "--plan", str(file), "--yes").code == 4
    assert staging("deploy", "--plan", str(file), *ALLOWED, "--yes").code == 0


def test_protection_is_switched_off_only_where_that_is_said(
    staging: Staging, tmp_path: Path
) -> None:
    before = staging.updated()
    staging.edit(("protection: true", "protection: false"))
    planned = staging("plan", *LAYERS)
    assert planned.code == 4
    line = "protection is switched off: network, zone  REFUSED, --allow-unprotect would allow it"
    assert line in planned.out
    assert "set `protection: true`. If that is intended, say so: --allow-unprotect" in planned.err
    record = json.loads(staging("plan", *LAYERS, "--format", "json").out)
    assert all(stack["unprotects"] for stack in record["environments"]["staging"].values())
    assert all(stack["refusals"] for stack in record["environments"]["staging"].values())
    assert staging("deploy", *LAYERS, "--yes").code == 4
    assert staging.updated() == before

    file = tmp_path / "plan.json"
    assert staging("plan", *LAYERS, "--allow-unprotect", "--out", str(file)).code == 0
    assert staging("deploy", "--plan", str(file), "--yes").code == 4
    ran = staging("deploy", "--plan", str(file), "--allow-unprotect", "--yes")
    assert ran.code == 0
    assert "  protection is switched off: network, zone\n" in ran.err
    assert staging("plan", *LAYERS).code == 0  # and now nothing is left to be switched off


def test_a_stack_of_somebody_else_is_refused_with_all_others(
    staging: Staging, local_aws: LocalAws, tmp_path: Path
) -> None:
    before = staging.updated()
    cloudformation = aws_client(local_aws, "cloudformation", staging.account, "us-east-1")
    template = {"Resources": {"Handle": {"Type": "AWS::CloudFormation::WaitConditionHandle"}}}
    cloudformation.create_stack(
        StackName="payments-staging-identity",
        TemplateBody=json.dumps(template),
        Tags=[{"Key": "Environment", "Value": "other"}],
    )
    staging.edit(("STG-001", "STG-002"))
    file = tmp_path / "plan.json"
    layers = (*LAYERS, "--layer", "identity")
    planned = staging("plan", *layers, "--out", str(file))
    assert (planned.code, file.exists()) == (4, False)
    assert "belongs to the environment other" in planned.err
    assert staging("deploy", *layers, "--yes").code == 4
    assert staging.updated() == before
