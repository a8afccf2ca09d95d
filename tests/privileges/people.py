"""Users of the local AWS, each with exactly the policies that tapgen writes for their task."""

from __future__ import annotations

import configparser
import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.conftest import aws_client

if TYPE_CHECKING:
    from tapgen.iam.policies import Policy
    from tapgen.local.client import LocalAws


@dataclass(frozen=True)
class People:
    """The users of one account, and the boundary of its roles."""

    local: LocalAws
    account: str

    @cached_property
    def iam(self) -> Any:
        return aws_client(self.local, "iam", self.account, "us-east-1")

    def bound(self, policy: Policy) -> None:
        """Make the policy that roles are bounded by."""
        self.iam.create_policy(PolicyName=policy.name, PolicyDocument=json.dumps(policy.document))

    def user(self, name: str, policies: Iterable[Policy]) -> str:
        """Make a user who has these policies, and a profile of their name; gives the name."""
        self.iam.create_user(UserName=name)
        for policy in policies:
            made = self.iam.create_policy(
                PolicyName=policy.name, PolicyDocument=json.dumps(policy.document)
            )
            self.iam.attach_user_policy(UserName=name, PolicyArn=made["Policy"]["Arn"])
        key = self.iam.create_access_key(UserName=name)["AccessKey"]
        profile = {
            "aws_access_key_id": key["AccessKeyId"],
            "aws_secret_access_key": key["SecretAccessKey"],
        }
        _add_profile(name, profile)
        return name

    def limit(self, name: str, document: dict[str, Any]) -> None:
        """Let the policy in `document` be the only one of a user, who has no other."""
        self.iam.put_user_policy(
            UserName=name, PolicyName="only", PolicyDocument=json.dumps(document)
        )


def _add_profile(name: str, profile: dict[str, str]) -> None:
    path = Path(os.environ["AWS_SHARED_CREDENTIALS_FILE"])
    credentials = configparser.ConfigParser()
    credentials.read(path)
    credentials[name] = profile
    with path.open("w") as file:
        credentials.write(file)
