"""The settings of every platform, and the means by which a platform declares its own.

A platform's settings are a subclass of `Settings`. A field is a setting, and this is the one place
where it is declared: the JSON Schema (`tapgen env schema`), the checks, `tapgen env show` and the
documentation are all derived from it. Its annotation carries one of `whole`, `text`, `described`;
an optional one is `... | None = None`, and `... | Elsewhere` lets a text be read from another
environment or from Systems Manager. Settings that belong together are a `Section`; sections are
not nested.

    class Web(Section, frozen=True):
        servers: Annotated[int, whole(Range(1, 9), "Number of servers.", varies=True)]

    class ShopSettings(Settings, frozen=True, kw_only=True):
        web: Web

Annotations are not postponed here: msgspec reads them at run time, and would have to evaluate each
a second time (6 ms of every start).
"""

from typing import Annotated, Final, NamedTuple

from msgspec import UNSET, Meta, Struct, UnsetType

from tapgen.model import limits
from tapgen.model.layer import OutputRef, ParameterRef, Source
from tapgen.model.limits import Range

# Whether environments may each have their own value, for `tapgen parity` and `tapgen env diff`.
# Size, retention, protection, cost, names and addresses may vary. What makes the platform behave
# differently may not, or one environment would prove nothing about the next. By default, a setting
# must be the same everywhere.
VARIES_KEY: Final = "x-varies"
# Not part of the schema: why a setting cannot be read from elsewhere, and the form of its value.
OWN_KEY: Final = "own"
FORM_KEY: Final = "form"


class Form(NamedTuple):
    """The form of a text, for people.

    - `words`: "upper-case letters, digits and hyphens, 2 to 32 characters".
    - `example`: a value that is accepted.
    - `letters`: the allowed characters, as in the brackets of a regular expression: "A-Z0-9-". With
      it, messages name the first character that is not allowed and, if possible, a corrected text.
    """

    words: str
    example: str
    letters: str = ""


def whole(bounds: Range, description: str, *, varies: bool = False) -> Meta:
    """A whole number within `bounds`."""
    return Meta(
        ge=bounds.low,
        le=bounds.high,
        description=description,
        extra_json_schema={VARIES_KEY: varies},
    )


def text(
    pattern: str,
    description: str,
    form: Form | None = None,
    *,
    varies: bool = False,
    own: str = "its declaration does not let it",
) -> Meta:
    """Text that matches the regular expression `pattern`; `form` describes it for people.

    If it cannot be read from another environment's output, `own` says why, as the end of a
    sentence: "it decides which layers there are".
    """
    return Meta(
        pattern=pattern,
        description=description,
        examples=[form.example] if form else None,
        extra_json_schema={VARIES_KEY: varies},
        extra={OWN_KEY: own, **({FORM_KEY: form} if form else {})},
    )


def described(description: str, *, varies: bool = False, **schema: bool) -> Meta:
    """A setting whose type is enough: a `bool`, a `Literal`, a tuple of a `Literal`.

    `schema` are further keywords of its JSON Schema.
    """
    return Meta(description=description, extra_json_schema={VARIES_KEY: varies, **schema})


# Why settings cannot be read from elsewhere.
PLACE: Final = "it says where stacks are, so it has to be known before AWS is asked"
_NAMES: Final = "names of stacks and resources begin with it"
_OPTION: Final = "it is an option of the deployment, which no stack file shows"

_LOWER: Final = "a-z0-9-"
_NAME_FORM: Final = Form(
    "lower-case letters, digits and hyphens, at most 12 characters, a letter first",
    "staging",
    _LOWER,
)
REGION_FORM: Final = Form("a region of AWS", "eu-west-1", _LOWER)


class Section(Struct, frozen=True, forbid_unknown_fields=True):
    """A group of settings; every field has a type, a range and a description."""


def _looks(pattern: str) -> dict[str, str]:
    """A pattern for editors; with the keyword of that name msgspec would compile it at each start.

    What is written is checked by `settings.parsing.values`.
    """
    return {"pattern": pattern}


class Elsewhere(Section, frozen=True):
    """Where a value is read when a deployment is planned: one of these."""

    # A setting accepts it instead of a value if only a template needs that value. Settings that
    # tapgen itself decides by (names, places, layers, options) must be known without asking AWS.
    output: (
        Annotated[
            str,
            Meta(
                extra_json_schema=_looks(limits.CROSS_ENVIRONMENT_OUTPUT),
                description="Output of another environment, as environment.layer.OutputName, for "
                "instance prod.zone.HostedZoneId.",
            ),
        ]
        | UnsetType
    ) = UNSET
    ssm: (
        Annotated[
            str,
            Meta(
                extra_json_schema=_looks(limits.PARAMETER_NAME),
                description="Systems Manager parameter in the environment's account and region, "
                "for instance /shared/vpc-id, or /shared/vpc-id:3 for its third version. Its type "
                "must be String or StringList.",
            ),
        ]
        | UnsetType
    ) = UNSET

    @property
    def source(self) -> Source:
        """The source of the template's parameter, as stacks name it."""
        return ParameterRef(str(self.ssm)) if self.ssm else OutputRef.parsed(str(self.output))

    @property
    def entry(self) -> dict[str, str]:
        """The value as the file has it: one member, named after the kind of source."""
        return {"ssm": str(self.ssm)} if self.ssm else {"output": str(self.output)}

    def __str__(self) -> str:
        return self.source.written


class SecretReference(Section, frozen=True):
    """A secret of Secrets Manager. CloudFormation reads it; tapgen never does, and no file has it.

    It is a setting's whole type: `Annotated[SecretReference, described("...")]`. A builder uses it
    with `Blueprint.secret`.
    """

    secret: Annotated[
        str,
        Meta(
            extra_json_schema=_looks(limits.SECRETS_ID),
            description="Name of a secret in the stack's account and region, or the ARN of a "
            "secret in another account.",
        ),
    ]
    key: (
        Annotated[
            str,
            Meta(
                extra_json_schema=_looks(limits.SECRETS_KEY),
                description="Key of the value in a JSON secret; by default the whole secret.",
            ),
        ]
        | UnsetType
    ) = UNSET
    version: (
        Annotated[
            str,
            Meta(
                extra_json_schema=_looks(limits.SECRETS_VERSION),
                description="Id of the version to use; by default the current one.",
            ),
        ]
        | UnsetType
    ) = UNSET

    @property
    def locator(self) -> str:
        """The part of a dynamic reference after "{{resolve:secretsmanager:"."""
        tail = f":{self.key or ''}" if self.key or self.version else ""
        return f"{self.secret}:SecretString{tail}" + (f"::{self.version}" if self.version else "")

    @property
    def entry(self) -> dict[str, str]:
        """The value as the file has it."""
        parts = {"secret": self.secret, "key": self.key, "version": self.version}
        return {name: str(part) for name, part in parts.items() if part}

    def __str__(self) -> str:
        return f"{{{', '.join(f'{name}: {part}' for name, part in self.entry.items())}}}"


class Deployment(Section, frozen=True, kw_only=True):
    """How CloudFormation executes a deployment."""

    express: Annotated[
        bool,
        described(
            "Deploy in express mode: a stack is complete once its configuration is applied, "
            "before its resources are known to work. Refused if protection is on.",
            varies=True,
        ),
    ] = False
    role_arn: (
        Annotated[
            str,
            text(
                limits.ROLE_ARN,
                "Role that CloudFormation uses to create and change resources.",
                Form("the ARN of a role", "arn:aws:iam::111111111111:role/deployer"),
                varies=True,
                own=_OPTION,
            ),
        ]
        | None
    ) = None
    permission_boundary: (
        Annotated[
            str,
            text(
                limits.POLICY_NAME,
                "Name of the managed policy that is the permissions boundary of every role; "
                "`tapgen iam-policy --boundary` writes it.",
                Form(
                    "its name, not its ARN: letters, digits and +=,.@_-, at most 128",
                    "payments-prod-boundary",
                    "A-Za-z0-9+=,.@_-",
                ),
                varies=True,
                own="it limits what deployers may do, and is reviewed",
            ),
        ]
        | None
    ) = None
    notification_arn: (
        Annotated[
            str,
            text(
                limits.TOPIC_ARN,
                "SNS topic that is notified of every stack event.",
                Form("the ARN of a topic", "arn:aws:sns:us-east-1:111111111111:deployments"),
                varies=True,
                own=_OPTION,
            ),
        ]
        | None
    ) = None
    rollback_alarms: Annotated[
        bool,
        described(
            "Roll an update back if one of the environment's alarms goes off during the update.",
            varies=True,
        ),
    ] = False
    monitoring_minutes: Annotated[
        int,
        whole(
            limits.MONITORING_MINUTES,
            "Minutes for which the alarms are watched after an update, if rollback_alarms is on.",
            varies=True,
        ),
    ] = 0
    ledger: (
        Annotated[
            str,
            text(
                limits.BUCKET_NAME,
                "Bucket in the account that records every run which changes something; by default "
                "the project's folder .tapgen/ledger.",
                Form("the name of a bucket", "payments-ledger-111111111111"),
                varies=True,
                own=_OPTION,
            ),
        ]
        | None
    ) = None
    notify: (
        Annotated[
            str,
            text(
                limits.NOTIFY,
                "Receiver of a notification when a run starts, waits for approval and ends: an "
                "SNS topic, or a webhook whose address is kept in a secret.",
                Form(
                    "the ARN of a topic, secret: and the name of a secret, or the ARN of one",
                    "arn:aws:sns:us-east-1:111111111111:releases",
                ),
                varies=True,
                own=_OPTION,
            ),
        ]
        | None
    ) = None
    approvals: (
        Annotated[
            int,
            whole(
                limits.APPROVALS,
                "Number of people who have to sign a plan before it is executed, not counting the "
                "person who made it and the person who deploys it; by default none.",
                varies=True,
            ),
        ]
        | None
    ) = None
    approval_hours: Annotated[
        int,
        whole(limits.APPROVAL_HOURS, "Hours after which an approval expires.", varies=True),
    ] = 24
    promoted_from: (
        Annotated[
            str,
            text(
                limits.ENVIRONMENT_NAME,
                "Environment that must run the same templates and code, healthy and without "
                "drift, before they are deployed to this one.",
                _NAME_FORM,
                varies=True,
                own="it names an environment itself",
            ),
        ]
        | None
    ) = None


class TimeoutMinutes(Section, frozen=True, kw_only=True):
    """Minutes after which a stack's update is cancelled, or its creation deleted."""

    # `kinds` adds a setting for each layer of the platform.
    default: Annotated[
        int,
        whole(limits.TIMEOUT_MINUTES, "For layers that have no value of their own.", varies=True),
    ] = 60


class Cost(Section, frozen=True, kw_only=True):
    """The values that `tapgen cost` needs: the cost limit of an environment, and its usage."""

    monthly_limit: (
        Annotated[
            int,
            whole(
                limits.DOLLARS,
                "Maximum monthly cost of the environment in US dollars. Above it `lint` reports a "
                "finding and a deployment is refused.",
                varies=True,
            ),
        ]
        | None
    ) = None
    requests_per_month: Annotated[
        int, whole(limits.USAGE, "Requests to the whole environment per month.", varies=True)
    ] = 0
    request_milliseconds: Annotated[
        int, whole(limits.USAGE, "Milliseconds that a function runs for one request.", varies=True)
    ] = 0
    request_kilobytes: Annotated[
        int, whole(limits.USAGE, "Size of a response, in units of 1,000 bytes.", varies=True)
    ] = 0
    request_log_bytes: Annotated[
        int, whole(limits.USAGE, "Bytes of log that one request writes.", varies=True)
    ] = 0


class Settings(Section, frozen=True, kw_only=True):
    """The settings of one environment that every platform has; a platform adds its own."""

    name: Annotated[
        str,
        text(
            limits.ENVIRONMENT_NAME,
            "Name of the environment, and of its YAML file.",
            _NAME_FORM,
            varies=True,
            own="it is what the file is called",
        ),
    ]
    project: Annotated[
        str,
        text(
            limits.PROJECT_NAME,
            "Name of the project, in stack names and in the Project tag.",
            Form(
                "lower-case letters, digits and hyphens, 2 to 12 characters, a letter first",
                "payments",
                _LOWER,
            ),
            own=_NAMES,
        ),
    ]
    stack_prefix: (
        Annotated[
            str,
            text(
                limits.PREFIX,
                "Prefix of stack and resource names; by default `<project>-<name>`.",
                Form(
                    "lower-case letters, digits and hyphens, 3 to 23 characters, a letter first "
                    "and no hyphen last",
                    "payments-dev",
                    _LOWER,
                ),
                varies=True,
                own=_NAMES,
            ),
        ]
        | None
    ) = None
    account_id: Annotated[
        str,
        text(
            limits.ACCOUNT_ID,
            "AWS account, 12 digits in quotes.",
            Form("12 digits in quotes", "111111111111", "0-9"),
            varies=True,
            own=PLACE,
        ),
    ]
    region: Annotated[
        str,
        text(
            limits.REGION,
            "AWS region of all layers except those that are pinned to a region.",
            REGION_FORM,
            varies=True,
            own=PLACE,
        ),
    ]
    protection: Annotated[
        bool,
        described(
            "Deletion protection, termination protection, stack policy and the data-loss guard.",
            varies=True,
        ),
    ]
    deployment: Deployment = Deployment()
    timeout_minutes: TimeoutMinutes = TimeoutMinutes()
    cost: Cost = Cost()

    @property
    def prefix(self) -> str:
        """The beginning of the name of every stack and named resource."""
        return prefix_of(self.project, self.name, self.stack_prefix)


def prefix_of(project: str, name: str, stack_prefix: str | None) -> str:
    """Return the prefix that these three settings result in."""
    return stack_prefix or f"{project}-{name}"
