"""The platform's rules for `tapgen lint`, in addition to tapgen's own.

A rule is a function and a line in `RULES`. Id and name must be unique. tapgen's ids start with T.
"""

from __future__ import annotations

from typing import Final

from tapgen.model.templates.template import Template
from tapgen.review.lint.rules.rule import Problem, Problems, Rule, Rules, resources


def closed_database(template: Template) -> Problems:
    """A database is encrypted, has no public address, and its password is managed by AWS."""
    wanted = {
        "StorageEncrypted": True,
        "PubliclyAccessible": False,
        "ManageMasterUserPassword": True,
    }
    for path, properties in resources(template, "AWS::RDS::DBInstance"):
        for name, value in wanted.items():
            if properties.get(name) is not value:
                yield Problem((*path, "Properties"), f"set {name} to {str(value).lower()}")


def dead_letters(template: Template) -> Problems:
    """A queue has a dead-letter queue for messages that fail too often."""
    queues = dict(resources(template, "AWS::SQS::Queue"))
    kept = [one for one in queues.values() if "RedriveAllowPolicy" in one]
    for path, properties in queues.items():
        if properties not in kept and "RedrivePolicy" not in properties:
            yield Problem(path, "has no dead-letter queue: set RedrivePolicy")


RULES: Final = Rules(
    templates=(
        Rule("W001", "closed-database", closed_database),
        Rule("W002", "dead-letters", dead_letters),
    ),
)
