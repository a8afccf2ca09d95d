"""Who is told about the runs of an environment: what the setting `deployment.notify` names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from tapgen.model.limits import TOPIC_ARN

# What a secret of the environment's own account and region is named with.
_SECRET: Final = "secret:"  # noqa: S105 - a prefix, no secret


@dataclass(frozen=True)
class Topic:
    """An SNS topic, by its ARN."""

    arn: str

    @property
    def region(self) -> str:
        """Where it is."""
        return self.arn.split(":")[3]

    @property
    def account_id(self) -> str:
        """Whose it is."""
        return self.arn.split(":")[4]

    def __str__(self) -> str:
        return f"topic {self.arn}"


@dataclass(frozen=True)
class Webhook:
    """A webhook whose address is kept in a secret of Secrets Manager, by its name or ARN."""

    secret: str

    def region(self, home: str) -> str:
        """Where the secret is; one that is only named is in the environment's `home`."""
        return self.secret.split(":")[3] if self.secret.startswith("arn:") else home

    def arn(self, account_id: str, home: str) -> str:
        """The ARN of the secret, for a policy; `account_id` and `home` are the environment's.

        Secrets Manager ends an ARN with a hyphen and six characters of its own choice (its user
        guide, "Secrets Manager secret ARN"), which a name does not tell.
        """
        if self.secret.startswith("arn:"):
            return self.secret
        return f"arn:aws:secretsmanager:{home}:{account_id}:secret:{self.secret}-??????"

    def __str__(self) -> str:
        return f"the webhook whose address is in the secret {self.secret}"


Receiver = Topic | Webhook


def receiver(notify: str) -> Receiver:
    """The receiver that a setting names; it has the form of `limits.NOTIFY`."""
    if re.search(TOPIC_ARN, notify):
        return Topic(notify)
    return Webhook(notify.removeprefix(_SECRET))
