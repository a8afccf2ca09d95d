"""dev in a real account, from nothing to nothing: deploy, verify, update, drift, destroy."""

from __future__ import annotations

import json
import shutil
import sys
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

import yaml

from tests.behaviour.ledger import Entry
from tests.behaviour.removal import LeftError
from tests.paths import ROOT
from tests.proof import processes
from tests.proof.deployer import Deployer, arguments

if TYPE_CHECKING:
    from tests.behaviour.account import Aws
    from tests.behaviour.run import Run
    from tests.proof.processes import Ended

ENVIRONMENT: Final = "dev"
KIND: Final = "environment"
_STEPS: Final = "steps.jsonl"
_WORDS: Final = 12  # so many last lines say why
_TIMES: Final = 2  # what is still in use the first time may be free the second


@dataclass(frozen=True)
class Step:
    """One command of tapgen, and how it ended; `words` are its last lines where it failed."""

    name: str
    code: int
    seconds: float
    words: str = ""


class FailedError(LeftError):
    """A step has failed, so those after it are not taken."""


def settings(run: Run, **changed: int) -> dict[str, Any]:
    """dev as it ships, with names of the run's own, without a domain, and with bounded roles."""
    shipped = yaml.safe_load((ROOT / "envs" / f"{ENVIRONMENT}.yaml").read_text())
    del shipped["domain"]
    return {
        **shipped,
        "project": run.prefix,
        "account_id": run.account,
        "region": run.region,
        "functions": {**shipped["functions"], **changed},
        "deployment": {"permission_boundary": f"{run.prefix}-boundary"},
    }


def write_settings(run: Run, aws: Aws, **changed: int) -> None:
    envs = run.directory / "envs"
    envs.mkdir(exist_ok=True)
    shutil.copy(ROOT / "envs" / "common.yaml", envs)
    found = settings(run, **changed)
    # The account's logging role is left alone where somebody else has set one.
    role = aws.client("apigateway").get_account().get("cloudwatchRoleArn", "")
    if role and run.prefix not in role:
        found["api"] = {**found["api"], "manage_account_logging": False}
    (envs / f"{ENVIRONMENT}.yaml").write_text(yaml.safe_dump(found))


@dataclass(frozen=True)
class Journey:
    run: Run
    aws: Aws

    @property
    def deployer(self) -> Deployer:
        return Deployer(self.run, self.aws)

    def go(self) -> None:
        """Take the steps; raises FailedError at the first that fails."""
        write_settings(self.run, self.aws)
        policies = self._policies()
        boundary = self._policies("--boundary")
        self.deployer.make(policies, boundary)
        entry = Entry(KIND, ENVIRONMENT, self.run.region)
        self.aws.ledger.add(entry)
        self._step("deploy", "deploy", "--env", ENVIRONMENT, "--yes")
        self._step("verify", "verify", "--env", ENVIRONMENT)
        write_settings(self.run, self.aws, memory_mb=640)
        self._step("update", "deploy", "--env", ENVIRONMENT, "--yes")
        self._step("drift", "drift", "--env", ENVIRONMENT)
        self.destroy()
        self.aws.ledger.remove(entry)

    def destroy(self) -> None:
        """Remove the environment with its data; raises FailedError where something stays."""
        for left in reversed(range(_TIMES)):
            step = self._take("destroy", "destroy", "--env", ENVIRONMENT, "--purge-data", "--yes")
            if step.code == 0:
                return
            if not left:
                raise FailedError(f"destroy ended with {step.code}: {step.words}")

    def _policies(self, *options: str) -> dict[str, Any]:
        """Name -> document, as `tapgen iam-policy` writes them."""
        envs = ["--envs-dir", str(self.run.directory / "envs")]
        command = ["iam-policy", "--env", ENVIRONMENT, *options, "--format", "json", *envs]
        ended = self._tapgen("iam-policy", *command, "--quiet")
        if ended.code:
            raise FailedError(f"iam-policy ended with {ended.code}: {ended.output}")
        found: dict[str, Any] = json.loads(ended.output)["policies"]
        return found

    def _step(self, name: str, *command: str) -> None:
        step = self._take(name, *command)
        if step.code:
            raise FailedError(f"{name} ended with {step.code}")

    def _take(self, name: str, *command: str) -> Step:
        processes.say(f"\n== {name}: tapgen {' '.join(command)}")
        self.deployer.assume()
        try:
            ended = self._tapgen(name, *arguments(self.run, *command))
        finally:
            self.deployer.forget()
        words = "\n".join(ended.output.splitlines()[-_WORDS:]) if ended.code else ""
        step = Step(name, ended.code, round(ended.seconds, 1), words)
        with (self.run.directory / _STEPS).open("a") as file:
            file.write(f"{json.dumps(asdict(step))}\n")
        return step

    def _tapgen(self, name: str, *command: str) -> Ended:
        number = len(list(self.run.directory.glob("*.log"))) + 1
        return processes.run(
            [sys.executable, "-m", "tapgen", *command],
            self.run.directory / f"{number:02}-{name}.log",
            cwd=self.run.project,
            env=self.deployer.environment(),
            quiet=name == "iam-policy",
        )


def steps(run: Run) -> list[Step]:
    """The steps that were taken."""
    path = run.directory / _STEPS
    lines = path.read_text().splitlines() if path.exists() else []
    return [Step(**json.loads(line)) for line in lines]
