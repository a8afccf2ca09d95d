"""A small baseline, with policies that say next to nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tapgen.render.bootstrap.roles import Documents
from tapgen.render.bootstrap.template import bootstrap_template
from tapgen.render.bootstrap.trust import Ci

if TYPE_CHECKING:
    from tapgen.model.templates.template import Template

GITHUB = Ci(
    "token.actions.githubusercontent.com",
    "sts.amazonaws.com",
    "repo:{repository}:environment:{env}",
    "repo:{repository}:*",
)


def saying(action: str) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": [action], "Resource": ["*"]}
    return {"Version": "2012-10-17", "Statement": [statement]}


SMALL = Documents(
    review=[saying("sts:GetCallerIdentity")],
    deploy=[saying("cloudformation:ExecuteChangeSet"), saying("ssm:PutParameter")],
    service=[saying("sqs:CreateQueue")],
    purge=[saying("sqs:DeleteQueue")],
    boundary=saying("sqs:SendMessage"),
)


@pytest.fixture(scope="session")
def template() -> Template:
    return bootstrap_template(GITHUB, SMALL, with_records=False)
