"""Recipients of notifications about runs, which the setting `deployment.notify` names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from tapgen.model.limits import TOPIC_ARN

# The prefix of a secret in the environment's own account and region.
_SECRET: Final = "secret:"  # noqa: S105 - a prefix, no secret


@dataclass(frozen=True)
class Topic:
    """An SNS topic, by its ARN."""

    arn: str

    @property
    def region(self) -> str:
        """The topic's region."""
        return self.arn.split(":")[3]

    @property
    def account_id(self) -> str:
        """The topic's account."""
        return self.arn.split(":")[4]

    def __str__(self) -> str:
        return f"topic {self.arn}"


@dataclass(frozen=True)
class Webhook:
    """A webhook whose address is kept in a secret of Secrets Manager, by its name or ARN."""

    secret: str

    def region(self, home: str) -> str:
        """The secret's region; without an ARN it is the environment's `home`."""
        return self.secret.split(":")[3] if self.secret.startswith("arn:") else home

    def arn(self, account_id: str, home: str) -> str:
        """The ARN of the secret, for a policy; `account_id` and `home` are the environment's.

        Secrets Manager appends a hyphen and six random characters to an ARN (its user guide,
        "Secrets Manager secret ARN"), which are not known from the name.
        """
        if self.secret.startswith("arn:"):
            return self.secret
        return f"arn:aws:secretsmanager:{home}:{account_id}:secret:{self.secret}-??????"

    def __str__(self) -> str:
        return f"the webhook whose address is in the secret {self.secret}"


Receiver = Topic | Webhook


def receiver(notify: str) -> Receiver:
    """The recipient that a setting names, in the form of `limits.NOTIFY`."""
    if re.search(TOPIC_ARN, notify):
        return Topic(notify)
    return Webhook(notify.removeprefix(_SECRET))
