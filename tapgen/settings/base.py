"""The settings of one environment: names, types, ranges and what each is for.

This is the one place where a setting is declared. The JSON Schema (`tapgen env schema`), the
checks, `tapgen env show` and the documentation are all derived from it.

Annotations are not postponed here: msgspec reads them at run time, and would have to evaluate each
a second time (6 ms of every start).
"""

from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from tapgen.model import limits
from tapgen.model.layer import OutputRef
from tapgen.model.limits import Range

LogRetentionDays = Literal[
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731,
    1096, 1827, 2192, 2557, 2922, 3288, 3653,
]  # fmt: skip


# Whether environments may each have their own value, for `tapgen parity` and `tapgen env diff`.
# Size, retention, protection, cost, names and addresses may vary. What makes the API behave
# differently may not, or one environment would prove nothing about the next; so a setting that
# says nothing has to be the same everywhere.
VARIES_KEY: Final = "x-varies"


def _whole(bounds: Range, description: str, *, varies: bool = False) -> Meta:
    return Meta(
        ge=bounds.low,
        le=bounds.high,
        description=description,
        extra_json_schema={VARIES_KEY: varies},
    )


def _text(pattern: str, description: str, *, varies: bool = False) -> Meta:
    return Meta(pattern=pattern, description=description, extra_json_schema={VARIES_KEY: varies})


def _described(description: str, *, varies: bool = False, **extra: bool) -> Meta:
    return Meta(description=description, extra_json_schema={VARIES_KEY: varies, **extra})


_Timeout = (
    Annotated[
        int, _whole(limits.TIMEOUT_MINUTES, "This layer instead of the default.", varies=True)
    ]
    | None
)


class Section(Struct, frozen=True, forbid_unknown_fields=True):
    """A group of settings; every field has a type, a range and a description."""


class OutputReference(Section, frozen=True):
    """The output of another environment, read when a deployment is planned."""

    # Settings take it in place of a value where nothing but a template needs that value: what
    # tapgen itself decides by (names, places, layers, options) must be there without asking AWS.
    output: Annotated[
        str,
        Meta(
            pattern=limits.CROSS_ENVIRONMENT_OUTPUT,
            description="environment.layer.OutputName, for instance prod.zone.HostedZoneId.",
        ),
    ]

    @property
    def source(self) -> OutputRef:
        """The output, as layers name it."""
        return OutputRef.parsed(self.output)

    def __str__(self) -> str:
        return f"{{output: {self.output}}}"


class Network(Section, frozen=True):
    """VPC, subnets, NAT and endpoints."""

    cidr: Annotated[
        str,
        _text(
            limits.CIDR,
            "Private IPv4 range of the VPC, /16 to /22. Must not overlap another environment's.",
            varies=True,
        ),
    ]
    availability_zones: Annotated[
        int,
        _whole(
            limits.AVAILABILITY_ZONES, "Number of availability zones with subnets.", varies=True
        ),
    ]
    nat: Annotated[
        Literal["none", "single", "per-az"],
        _described(
            "NAT gateways: none (VPC endpoints only), a single one, or one per availability zone.",
            varies=True,
        ),
    ]
    interface_endpoints: Annotated[
        tuple[Literal["logs", "kms", "sqs", "sts", "xray"], ...],
        _described(
            "AWS services reached through an interface endpoint. "
            "Without NAT all of them are needed.",
            uniqueItems=True,
        ),
    ]


class Data(Section, frozen=True):
    """DynamoDB capacity and recovery."""

    read_capacity: Annotated[
        int,
        _whole(
            limits.TABLE_CAPACITY,
            "Provisioned read capacity units of each table and index; "
            "autoscaling never goes below.",
            varies=True,
        ),
    ]
    write_capacity: Annotated[
        int,
        _whole(
            limits.TABLE_CAPACITY,
            "Provisioned write capacity units of each table and index; "
            "autoscaling never goes below.",
            varies=True,
        ),
    ]
    read_capacity_max: Annotated[
        int,
        _whole(
            limits.TABLE_CAPACITY,
            "Upper end of read autoscaling, at least read_capacity.",
            varies=True,
        ),
    ]
    write_capacity_max: Annotated[
        int,
        _whole(
            limits.TABLE_CAPACITY,
            "Upper end of write autoscaling, at least write_capacity.",
            varies=True,
        ),
    ]
    scaling_target_percent: Annotated[
        int,
        _whole(limits.SCALING_TARGET_PERCENT, "Utilisation that autoscaling aims at, in percent."),
    ]
    point_in_time_recovery: Annotated[
        bool,
        _described(
            "Continuous backups of the tables. Must be on where protection is on.", varies=True
        ),
    ]


class Functions(Section, frozen=True):
    """Lambda sizing and behaviour."""

    memory_mb: Annotated[
        int, _whole(limits.MEMORY_MB, "Memory of each function in MB.", varies=True)
    ]
    timeout_seconds: Annotated[
        int,
        _whole(
            limits.FUNCTION_TIMEOUT_SECONDS,
            "Timeout of each function in seconds; API Gateway gives up at 29 s.",
            varies=True,
        ),
    ]
    reserved_concurrency: Annotated[
        int,
        _whole(
            limits.RESERVED_CONCURRENCY,
            "Reserved concurrency of each function; 0 leaves it unreserved "
            "(new accounts allow only 10 in all).",
            varies=True,
        ),
    ]
    log_level: Annotated[
        Literal["DEBUG", "INFO", "WARNING", "ERROR"],
        _described("Lowest level that the functions log."),
    ]
    session_ttl_seconds: Annotated[
        int, _whole(limits.SESSION_TTL_SECONDS, "Lifetime of a session in seconds.")
    ]
    idempotency_ttl_seconds: Annotated[
        int,
        _whole(
            limits.IDEMPOTENCY_TTL_SECONDS, "How long an Idempotency-Key is remembered, in seconds."
        ),
    ]
    powertools_layer_version: Annotated[
        int, _whole(limits.LAYER_VERSION, "Version of the AWS-managed Powertools for Python layer.")
    ]


class Retention(Section, frozen=True):
    """How long logs are kept; nothing else sets a retention."""

    logs_days: Annotated[
        int,
        _whole(
            limits.S3_RETENTION_DAYS,
            "Days that objects stay in the log buckets, current and noncurrent.",
            varies=True,
        ),
    ]
    cloudwatch_days: Annotated[
        LogRetentionDays,
        _described(
            "Days that CloudWatch keeps log events "
            "(PCI DSS 10.5.1 asks for twelve months in production).",
            varies=True,
        ),
    ]


class Api(Section, frozen=True):
    """REST API: callers, throttling and web application firewall."""

    authorization: Annotated[
        Literal["cognito", "none"],
        _described(
            "cognito: callers need an access token of the environment's user pool. "
            "none leaves the API open; refused where protection is on."
        ),
    ]

    throttle_rate: Annotated[int, _whole(limits.THROTTLE, "Steady requests a second.", varies=True)]
    throttle_burst: Annotated[
        int, _whole(limits.THROTTLE, "Burst of requests, at least throttle_rate.", varies=True)
    ]
    waf_rate_limit: Annotated[
        int,
        _whole(
            limits.WAF_RATE_LIMIT, "Requests one address may send in five minutes.", varies=True
        ),
    ]
    origin_secret_generation: Annotated[
        int,
        _whole(
            limits.ORIGIN_SECRET_GENERATION,
            "Which secret CloudFront sends to the API, which accepts this one and the one before. "
            "Raise it by 1 to rotate.",
            varies=True,
        ),
    ]
    execution_log_level: Annotated[
        Literal["OFF", "ERROR"],
        _described(
            "Execution logs of API Gateway. ERROR needs the account's logging role, "
            "see manage_account_logging."
        ),
    ]
    manage_account_logging: Annotated[
        bool,
        _described(
            "Let this environment own AWS::ApiGateway::Account, "
            "which exists once per account and region.",
            varies=True,
        ),
    ]


class Certificate(Section, frozen=True):
    """TLS certificate of the site."""

    wait_minutes: Annotated[
        int,
        _whole(
            Range(1, 45),
            "How long a deployment waits for DNS validation.",
            varies=True,
        ),
    ]


class Cdn(Section, frozen=True):
    """CloudFront distribution."""

    price_class: Annotated[
        Literal["PriceClass_100", "PriceClass_200", "PriceClass_All"],
        _described("Edge locations that serve the site.", varies=True),
    ]


class Alarms(Section, frozen=True, kw_only=True):
    """Who is told, and from which threshold on."""

    email: (
        Annotated[str, _text(limits.EMAIL, "Address subscribed to the alarm topics.", varies=True)]
        | OutputReference
        | None
    ) = None
    function_errors: Annotated[
        int, _whole(limits.ALARM_COUNT, "Function errors in five minutes.", varies=True)
    ]
    function_throttles: Annotated[
        int, _whole(limits.ALARM_COUNT, "Throttled invocations in five minutes.", varies=True)
    ]
    function_duration_p99_ms: Annotated[
        int,
        _whole(
            limits.ALARM_MILLISECONDS,
            "99th percentile of the duration in milliseconds.",
            varies=True,
        ),
    ]
    api_5xx: Annotated[
        int,
        _whole(limits.ALARM_COUNT, "API answers with a 5xx status in five minutes.", varies=True),
    ]
    table_throttles: Annotated[
        int, _whole(limits.ALARM_COUNT, "Throttled DynamoDB requests in five minutes.", varies=True)
    ]
    dead_letters: Annotated[
        int, _whole(limits.ALARM_COUNT, "Messages visible in a dead-letter queue.", varies=True)
    ]
    waf_blocks: Annotated[
        int,
        _whole(
            limits.ALARM_COUNT, "Requests blocked by the firewall in five minutes.", varies=True
        ),
    ]
    cdn_5xx_percent: Annotated[
        int,
        _whole(limits.PERCENT, "CloudFront answers with a 5xx status, in percent.", varies=True),
    ]


class Deployment(Section, frozen=True, kw_only=True):
    """How CloudFormation carries a deployment out."""

    express: Annotated[
        bool,
        _described(
            "Deploy in express mode: a stack counts as done when its configuration is "
            "applied, before its resources are known to work. Refused where protection is on.",
            varies=True,
        ),
    ] = False
    role_arn: (
        Annotated[
            str,
            _text(
                limits.ROLE_ARN,
                "Role that CloudFormation uses to make and change resources.",
                varies=True,
            ),
        ]
        | None
    ) = None
    permission_boundary: (
        Annotated[
            str,
            _text(
                limits.POLICY_NAME,
                "Managed policy of the account that bounds every role, by its name; "
                "`tapgen iam-policy --boundary` writes it.",
                varies=True,
            ),
        ]
        | None
    ) = None
    notification_arn: (
        Annotated[
            str,
            _text(limits.TOPIC_ARN, "SNS topic that is told about every stack event.", varies=True),
        ]
        | None
    ) = None
    rollback_alarms: Annotated[
        bool,
        _described(
            "Roll an update back when one of the environment's own alarms goes off during it.",
            varies=True,
        ),
    ] = False
    monitoring_minutes: Annotated[
        int,
        _whole(
            limits.MONITORING_MINUTES,
            "How long the alarms are watched after an update, where rollback_alarms is on.",
            varies=True,
        ),
    ] = 0
    promoted_from: (
        Annotated[
            str,
            _text(
                limits.ENVIRONMENT_NAME,
                "Environment that has to run the same templates and code, healthy and undrifted, "
                "before they are deployed to this one.",
                varies=True,
            ),
        ]
        | None
    ) = None


class TimeoutMinutes(Section, frozen=True, kw_only=True):
    """After how many minutes a stack's update is cancelled, or its creation deleted."""

    default: Annotated[
        int,
        _whole(
            limits.TIMEOUT_MINUTES, "Every layer without a setting of its own here.", varies=True
        ),
    ] = 60
    network: _Timeout = None
    data: _Timeout = None
    storage: _Timeout = None
    compute: _Timeout = None
    identity: _Timeout = None
    api: _Timeout = None
    zone: _Timeout = None
    cdn: _Timeout = None
    dns: _Timeout = None
    observability: _Timeout = None


class Settings(Section, frozen=True, kw_only=True):
    """One environment, complete: `envs/common.yaml` with `envs/<name>.yaml` merged over it."""

    name: Annotated[
        str,
        _text(
            limits.ENVIRONMENT_NAME,
            "Name of the environment; the YAML file is called the same.",
            varies=True,
        ),
    ]
    project: Annotated[
        str,
        _text(limits.PROJECT_NAME, "Name of the project, in stack names and in the Project tag."),
    ]
    stack_prefix: (
        Annotated[
            str,
            _text(
                limits.PREFIX,
                "What stack and resource names begin with; without it `<project>-<name>`.",
                varies=True,
            ),
        ]
        | None
    ) = None
    account_id: Annotated[
        str, _text(limits.ACCOUNT_ID, "AWS account, 12 digits in quotes.", varies=True)
    ]
    region: Annotated[
        str,
        _text(
            limits.REGION,
            "AWS region; certificate and CDN are in us-east-1 whatever this says.",
            varies=True,
        ),
    ]
    domain: (
        Annotated[
            str,
            _text(
                limits.DOMAIN,
                "Domain of the site. Without one, CloudFront's own name serves, "
                "and zone, certificate and dns are left out.",
                varies=True,
            ),
        ]
        | None
    ) = None
    parent_zone_id: (
        Annotated[
            str,
            _text(
                limits.HOSTED_ZONE_ID,
                "Hosted zone of the parent domain in the same account; gets the delegation record.",
                varies=True,
            ),
        ]
        | OutputReference
        | None
    ) = None
    protection: Annotated[
        bool,
        _described(
            "Deletion protection, termination protection, stack policy and the data-loss guard.",
            varies=True,
        ),
    ]
    cost_center: Annotated[str, _text(limits.COST_CENTER, "CostCenter tag.", varies=True)]
    network: Network
    data: Data
    functions: Functions
    retention: Retention
    api: Api
    certificate: Certificate
    cdn: Cdn
    alarms: Alarms
    deployment: Deployment = Deployment()
    timeout_minutes: TimeoutMinutes = TimeoutMinutes()

    @property
    def prefix(self) -> str:
        """What every stack and named resource begins with."""
        return prefix_of(self.project, self.name, self.stack_prefix)


def prefix_of(project: str, name: str, stack_prefix: str | None) -> str:
    """Return the prefix that these three settings result in."""
    return stack_prefix or f"{project}-{name}"
