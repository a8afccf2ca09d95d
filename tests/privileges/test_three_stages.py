"""From three empty accounts to production and back, with IAM enforced, everybody in their role.

An administrator prepares each account; whoever reviews plans, two approve what production gets,
whoever deploys carries it out, stage by stage. A bad release is rolled back the same way. The
evidence of it is verified by the script of docs/evidence.md.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tapgen import operations
from tapgen.cli.views.pages.evidence import write
from tapgen.errors import RefusedError
from tapgen.model.deployed.events import Created, Unchanged, Updated
from tests.conftest import ENVS
from tests.documents import files
from tests.paths import ROOT
from tests.privileges.test_bootstrap import Prepared

if TYPE_CHECKING:
    from tapgen.local.client import LocalAws
    from tapgen.operations.record.releases import History

pytestmark = pytest.mark.slow

ACCOUNTS = {"dev": "777777777701", "staging": "777777777702", "prod": "777777777703"}
LAYERS = ["zone"]  # one is enough: what is proven is who does what


@dataclass
class Stage:
    """An environment, and everybody who works on it."""

    name: str
    prepared: Prepared
    path: Path

    @property
    def settings(self) -> Path:
        return self.prepared.folder / "envs" / f"{self.name}.yaml"

    def project(self, who: str | None) -> Any:
        return self.prepared.project(who and f"{self.name}-{who}")

    def plan(self) -> None:
        operations.plan(
            self.project("reviewing"),
            [self.name],
            operations.Recorder(),
            layers=LAYERS,
            out=self.path,
        )

    def approve(self) -> None:
        for who in ("approving", "approving-too"):
            operations.approve(self.project(who), self.path, operations.Recorder())

    def deploy(self) -> set[type]:
        done = operations.deploy_plan(self.project("deploying"), self.path, operations.Recorder())
        return {type(outcome) for outcome in done.outcomes[self.name].values()}

    def change(self, old: str, new: str) -> None:
        text = self.settings.read_text()
        assert old in text
        self.settings.write_text(text.replace(old, new))


@pytest.fixture
def stages(
    enforcing: LocalAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> dict[str, Stage]:
    """Three accounts that an administrator has prepared."""
    monkeypatch.setattr("tapgen.local.client.start", lambda _: enforcing)
    shutil.copytree(ENVS, tmp_path / "envs")
    (tmp_path / "tapgen.toml").write_text(
        '[bootstrap]\nrepository = "acme/payments"\n'
        'approvers = ["arn:aws:iam::{account}:role/lead*"]\n'
    )
    found: dict[str, Stage] = {}
    for name, account in ACCOUNTS.items():
        prepared = Prepared(enforcing, tmp_path, {}, account)
        found[name] = stage = Stage(name, prepared, tmp_path / f"{name}.json")
        number = [*ACCOUNTS].index(name) + 1
        stage.change(f'"{str(number) * 12}"', f'"{account}"')
        stage.change(".example.com", ".stages.example.com")
    for name, stage in found.items():
        prepare(stage)
        assert operations.check_bootstrap(stage.project(None), [name])[name].complete
    return found


def prepare(stage: Stage) -> None:
    """What the administrator does, and who then takes which role."""
    name, prepared = stage.name, stage.prepared
    done = operations.bootstrap(stage.project(None), [name], operations.Recorder())
    outcome = done.outcomes[name]["bootstrap"]
    assert isinstance(outcome, Created)
    outputs = prepared.outputs = outcome.outputs
    approvals = "  approvals: 2\n" if name == "prod" else ""
    with stage.settings.open("a") as file:
        file.write(
            f"\ndeployment:\n  role_arn: {outputs['CloudFormationRoleArn']}\n"
            f"  permission_boundary: {outputs['BoundaryName']}\n"
            f"  ledger: {outputs['LedgerBucketName']}\n{approvals}"
        )
    deploying = f"repo:acme/payments:environment:{name}"
    prepared.by_token(f"{name}-deploying", "DeployRoleArn", deploying)
    prepared.by_token(f"{name}-reviewing", "ReviewRoleArn", "repo:acme/payments:pull_request")
    for who, lead in {"approving": "lead-anna", "approving-too": "lead-bob"}.items():
        prepared.person(lead)
        prepared.by_role(f"{name}-{who}", outputs["ApproveRoleArn"], lead)


def test_from_three_empty_accounts_to_production_and_back(
    stages: dict[str, Stage], tmp_path: Path
) -> None:
    prod = stages["prod"]
    for name, stage in stages.items():
        stage.plan()
        if name == "prod":
            with pytest.raises(RefusedError, match="prod needs 2 approvals of this plan"):
                stage.deploy()
            stage.approve()
        assert stage.deploy() == {Created}

    prod.change("cost_center: PROD-001", "cost_center: WRONG-1")
    prod.plan()
    prod.approve()
    assert prod.deploy() == {Updated}
    with pytest.raises(RefusedError, match="approvals"):
        operations.rollback(prod.project("deploying"), "prod", operations.Recorder())
    back = operations.rollback(
        prod.project("reviewing"), "prod", operations.Recorder(), out=prod.path
    )
    assert back.release == 1
    prod.approve()
    assert prod.deploy() <= {Updated, Unchanged}

    told: History = operations.history(prod.project("reviewing"), ["prod"])["prod"]  # type: ignore[assignment]
    assert told.disagreements == {}
    newest, bad, first = (release.begun for release in told.releases)
    centers = [one.stacks["zone"]["stack"]["tags"]["CostCenter"] for one in (first, bad, newest)]
    assert centers == ["PROD-001", "WRONG-1", "PROD-001"]
    assert [len(one.approvals) for one in (first, bad, newest)] == [2, 2, 2]

    archive = tmp_path / "evidence.zip"
    write(operations.evidence(prod.project("reviewing"), "prod", None, None), {}, archive)
    operations.sign_evidence(prod.project("approving"), "prod", archive)
    key = prod.prepared.client("kms").get_public_key(KeyId="alias/tapgen-payments-prod-approvals")
    (tmp_path / "key.der").write_bytes(key["PublicKey"])
    (tmp_path / "verify.py").write_text(files((ROOT / "docs/evidence.md").read_text())["verify.py"])
    ran = subprocess.run(
        [sys.executable, "verify.py", "evidence.zip", "key.der"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        text=True,
    )
    lines = ran.stdout.splitlines()
    assert lines[0].endswith("/tapgen-payments-prod-approve/lead-anna")
    assert [line.split()[:2] for line in lines[1:]] == [["release", f"{n}:"] for n in (1, 2, 3)]
