"""One run against a real account: which account, and the folder that tells what it has made."""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import boto3

from tests.behaviour.account import Aws
from tests.behaviour.ledger import Ledger
from tests.paths import ROOT

# The folder of the run that tests of this process are part of; unset, they ask the local AWS.
VARIABLE: Final = "TAPGEN_TEST_AWS"
# With five digits it is as long as the name of a project may be.
PREFIX: Final = "taptest"
_FILE: Final = "run.json"
_LEDGERS: Final = "ledger*.json"
_FACTS: Final = "facts*.jsonl"


@dataclass(frozen=True)
class Run:
    """`endpoint` is where the local AWS plays the real one, in tests of all this.

    `project` is the folder that tapgen is run in: `tapgen --local` finds that local AWS from there.
    """

    directory: Path
    account: str
    region: str
    profile: str | None = None
    endpoint: str | None = None
    project: Path = ROOT

    @classmethod
    def begin(cls, runs: Path, account: str, region: str, **options: Any) -> Run:
        """A new run, with a folder of its own in `runs`."""
        directory = runs / f"{PREFIX}{secrets.token_hex(3)[1:]}"
        run = cls(directory, account, region, **options)
        directory.mkdir(parents=True)
        (directory / _FILE).write_text(json.dumps(asdict(run), default=str))
        return run

    @classmethod
    def read(cls, directory: Path) -> Run:
        """The run of a folder."""
        fields = json.loads((directory / _FILE).read_text())
        return cls(**{**fields, "directory": directory, "project": Path(fields["project"])})

    @classmethod
    def current(cls) -> Run | None:
        """The run that this process is part of."""
        named = os.environ.get(VARIABLE)
        return cls.read(Path(named)) if named else None

    @classmethod
    def unfinished(cls, runs: Path, account: str) -> list[Run]:
        """The runs that may have left something in an account."""
        found = (cls.read(path.parent) for path in sorted(runs.glob(f"*/{_FILE}")))
        return [run for run in found if run.account == account and run.left()]

    @property
    def prefix(self) -> str:
        """The beginning of every name that the run gives."""
        return self.directory.name

    def session(self) -> boto3.session.Session:
        """With the credentials of the profile; in the local AWS those of the account's root.

        A process that is part of a run has been given them: nobody could tell it a second factor.
        """
        if self.endpoint and not self.profile:
            return boto3.session.Session(
                aws_access_key_id=self.account, aws_secret_access_key="local"
            )
        return _session(None if Run.current() else self.profile)

    def aws(self, part: str = "") -> Aws:
        """The account; `part` tells those apart that work on the run at the same time."""
        prefix = f"{self.prefix}-{part}" if part else self.prefix
        return Aws(
            self.session(), self.account, self.region, prefix, self.ledger(part), self.endpoint
        )

    def credentials(self) -> dict[str, str]:
        """Variables that give the credentials of this process to another one."""
        found = self.session().get_credentials()
        if found is None:
            return {}
        frozen = found.get_frozen_credentials()
        given = {
            "AWS_ACCESS_KEY_ID": frozen.access_key,
            "AWS_SECRET_ACCESS_KEY": frozen.secret_key,
            "AWS_SESSION_TOKEN": frozen.token,
        }
        return {name: value for name, value in given.items() if value}

    def ledger(self, part: str = "") -> Ledger:
        return Ledger.read(self.directory / f"ledger{part}.json")

    def ledgers(self) -> list[Ledger]:
        """What every part of the run has written down."""
        return [Ledger.read(path) for path in sorted(self.directory.glob(_LEDGERS))]

    def left(self) -> list[str]:
        """What may still be in the account."""
        return [str(entry) for ledger in self.ledgers() for entry in ledger.entries]

    def note(self, record: dict[str, object], part: str = "") -> None:
        """Keep what came of a fact."""
        with (self.directory / f"facts{part}.jsonl").open("a") as file:
            file.write(f"{json.dumps(record)}\n")

    def facts(self) -> list[dict[str, object]]:
        """What came of the facts so far."""
        paths = sorted(self.directory.glob(_FACTS))
        lines = [line for path in paths for line in path.read_text().splitlines()]
        return [json.loads(line) for line in lines]


@cache
def _session(profile: str | None) -> boto3.session.Session:
    """The one of this process: a profile with a second factor asks for it once."""
    return boto3.session.Session(profile_name=profile)
