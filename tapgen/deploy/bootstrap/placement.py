"""Putting the baseline into an environment: one stack, with values for its parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from tapgen.deploy.target.target import Target
from tapgen.iam.conditions import record_names
from tapgen.iam.everywhere import RECORD_NAMES, SERVICE_ROLE, everywhere
from tapgen.iam.scope import Scope
from tapgen.model.layer import Layer, OutputRef
from tapgen.model.platform import Platform
from tapgen.model.receiver import Topic, Webhook, receiver
from tapgen.model.stack import MANAGED_BY, Stack
from tapgen.model.templates.template import Template
from tapgen.render.bootstrap.names import LEDGER_BUCKET
from tapgen.render.bootstrap.roles import Documents
from tapgen.render.bootstrap.template import LAYER, bootstrap_template
from tapgen.render.bootstrap.trust import Ci
from tapgen.settings.environment import Environment

PLATFORM: Final = Platform(
    name=LAYER, layers=(Layer(LAYER, "Roles, ledger and approval key of an account."),)
)
"""The platform of the baseline's stack: one layer, and no other parts."""
PROVIDER: Final = "ProviderArn"
"""The parameter for an existing identity provider."""


@dataclass(frozen=True)
class Told:
    """A project's configuration of its baseline, see `tapgen.configuration`.

    `approvers` are patterns of ARNs in which {account} stands for the environment's account.
    """

    repository: str
    ci: Ci
    approvers: Sequence[str]
    ledger_days: int
    ledger_mode: str


def baseline_of(
    platform: Platform, environments: Mapping[str, Sequence[Stack]], ci: Ci
) -> Template:
    """The template, which all environments of the platform share; `environments` are their stacks.

    Raises `TapgenError` if the policies are too large for the roles.
    """
    made = everywhere(platform, environments)
    documents = Documents(made.review, made.deploy, made.service, made.purge, made.boundary)
    return bootstrap_template(ci, documents, with_records=made.with_records)


def placed(
    template: Template,
    environment: Environment,
    stacks: Sequence[Stack],
    told: Told,
    provider: str | OutputRef = "",
) -> Stack:
    """The baseline's stack in an environment, whose other stacks are `stacks`.

    `provider` is the ARN of the existing identity provider, or the output of the baseline that
    creates it; "" if this one creates it.
    """
    prefix, account = f"tapgen-{environment.prefix}", environment.account_id
    approvers = [one.replace("{account}", account) for one in told.approvers]
    accounts = dict.fromkeys(one.split(":")[4] for one in approvers)
    values = {
        "ApproverAccounts": ",".join(accounts),
        "Approvers": ",".join(approvers),
        "BoundaryName": boundary_of(environment),
        "EnvironmentName": environment.name,
        "LedgerDays": str(told.ledger_days),
        "LedgerMode": told.ledger_mode.upper(),
        **_notified(environment),
        "Prefix": environment.prefix,
        "Project": environment.parameter("project"),
        "Protection": environment.parameter("protection"),
        PROVIDER: provider,
        RECORD_NAMES: ",".join(record_names(Scope(stacks))),
        "Repository": told.repository,
    }
    values = {name: value for name, value in values.items() if name in template.parameters}
    return Stack(
        environment=environment.name,
        layer=LAYER,
        name=f"{prefix}-{LAYER}",
        account_id=account,
        region=environment.region,
        template=template,
        parameters={name: value for name, value in values.items() if isinstance(value, str)},
        inputs={name: value for name, value in values.items() if isinstance(value, OutputRef)},
        tags={
            "Environment": environment.name,
            "Layer": LAYER,
            "ManagedBy": MANAGED_BY,
            "Project": environment.parameter("project"),
        },
        protected=environment.protection,
        examples={PROVIDER: "arn:aws:iam::{account}:oidc-provider/ci.example.com"},
    )


def _notified(environment: Environment) -> dict[str, str]:
    """The receiver of notifications of the environment's runs: a topic, a secret, or none."""
    notify = environment.settings.deployment.notify
    found = receiver(notify) if notify else None
    secret = (
        found.arn(environment.account_id, environment.region) if isinstance(found, Webhook) else ""
    )
    return {"NotifyTopic": found.arn if isinstance(found, Topic) else "", "NotifySecret": secret}


def boundary_of(environment: Environment) -> str:
    """Name of the permission boundary of the environment's roles."""
    named = environment.settings.deployment.permission_boundary
    return named or f"tapgen-{environment.prefix}-boundary"


def service_role_of(environment: Environment) -> str:
    """ARN of the baseline's service role for CloudFormation."""
    return SERVICE_ROLE.format(environment.account_id, environment.prefix)


def ledger_of(environment: Environment) -> str:
    """Name of the baseline's bucket for the record of releases."""
    name = LEDGER_BUCKET.replace("${Prefix}", environment.prefix)
    return name.replace("${AWS::AccountId}", environment.account_id)


def spelled(targets: Sequence[Target], verb: str, options: Sequence[str]) -> str:
    """A command to suggest about baselines: `tapgen bootstrap`, or one of the AWS CLI."""
    first = targets[0]
    environments = [f"--env {target.environment}" for target in targets]
    if verb == "recover":
        (stack,) = first.stacks.values()
        return first.region_of(stack).cli(
            f"cloudformation continue-update-rollback --stack-name {stack.name}"
        )
    looks = [] if verb == "deploy" else ["--check"]
    kept = [one for one in options if verb == "deploy" and not one.startswith("--layer ")]
    return " ".join(["tapgen", LAYER, *environments, *looks, *kept]) + first.suffix
