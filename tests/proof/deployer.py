"""A role that has exactly the policies which tapgen writes for whoever deploys."""

from __future__ import annotations

import configparser
import json
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from pathlib import Path

    from tests.behaviour.account import Aws
    from tests.behaviour.run import Run

PROFILE: Final = "tapgen-test-deployer"
# Variables that name somebody; a proxy's certificates and the like stay.
_CREDENTIALS: Final = (
    *("AWS_ACCESS_KEY", "AWS_SECRET", "AWS_SESSION", "AWS_SECURITY", "AWS_PROFILE"),
    *("AWS_DEFAULT_PROFILE", "AWS_ROLE", "AWS_WEB_IDENTITY", "AWS_CONTAINER"),
)
_SESSION_SECONDS: Final = 3600  # the longest for whoever has taken on a role already
_PROPAGATION_SECONDS: Final = 15.0  # IAM is eventually consistent
_ATTEMPTS: Final = 10


@dataclass(frozen=True)
class Deployer:
    """The role of one run; its credentials are written to a file for the time of a command."""

    run: Run
    aws: Aws

    @property
    def name(self) -> str:
        return f"{self.run.prefix}-deployer"

    @property
    def credentials(self) -> Path:
        return self.run.directory / "credentials"

    def make(self, policies: Mapping[str, Any], boundary: Mapping[str, Any]) -> None:
        """Make the role with these policies, and the boundary that its roles are kept to."""
        iam = self.aws.client("iam")
        for name, document in {**boundary, **policies}.items():
            arn = f"arn:aws:iam::{self.run.account}:policy/{name}"
            self.aws.making("policy", arn)
            iam.create_policy(PolicyName=name, PolicyDocument=json.dumps(document))
        self.aws.making("role", self.name)
        iam.create_role(
            RoleName=self.name,
            AssumeRolePolicyDocument=json.dumps(
                {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Effect": "Allow",
                            "Principal": {"AWS": f"arn:aws:iam::{self.run.account}:root"},
                            "Action": "sts:AssumeRole",
                        }
                    ],
                }
            ),
        )
        for name in policies:
            arn = f"arn:aws:iam::{self.run.account}:policy/{name}"
            iam.attach_role_policy(RoleName=self.name, PolicyArn=arn)
        if not self.run.endpoint:
            time.sleep(_PROPAGATION_SECONDS)

    def assume(self) -> None:
        """Take on the role for an hour, as the profile `PROFILE` of a file of its own."""
        sts = self.aws.client("sts")
        arn = f"arn:aws:iam::{self.run.account}:role/{self.name}"
        for attempt in range(_ATTEMPTS):
            try:
                given = sts.assume_role(
                    RoleArn=arn, RoleSessionName="tapgen-test", DurationSeconds=_SESSION_SECONDS
                )["Credentials"]
                break
            except ClientError:
                if attempt == _ATTEMPTS - 1:
                    raise
                time.sleep(self.aws.pause)
        file = configparser.ConfigParser(interpolation=None)
        file[PROFILE] = {
            "aws_access_key_id": given["AccessKeyId"],
            "aws_secret_access_key": given["SecretAccessKey"],
            "aws_session_token": given["SessionToken"],
        }
        with open(self.credentials, "w", opener=_private) as opened:
            file.write(opened)

    def forget(self) -> None:
        self.credentials.unlink(missing_ok=True)

    def environment(self) -> dict[str, str]:
        """Variables for a process that has these credentials, and no others."""
        kept = {name: v for name, v in os.environ.items() if not name.startswith(_CREDENTIALS)}
        return {
            **kept,
            "AWS_SHARED_CREDENTIALS_FILE": str(self.credentials),
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
        }


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def arguments(run: Run, *command: str) -> Sequence[str]:
    """The rest of a command line of tapgen that works as the deployer."""
    local = ["--local"] if run.endpoint else []
    return [*command, "--envs-dir", str(run.directory / "envs"), "--profile", PROFILE, *local]
