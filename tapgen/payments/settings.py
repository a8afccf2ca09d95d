"""The settings of the payments platform: names, types, ranges and descriptions.

Annotations are not postponed here, because msgspec reads them at run time, and would have to
evaluate each a second time.
"""

from typing import Annotated, Literal

from tapgen.model.limits import Range
from tapgen.payments import limits
from tapgen.settings.base import (
    Elsewhere,
    Form,
    Section,
    Settings,
    described,
    text,
    whole,
)

LogRetentionDays = Literal[
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731,
    1096, 1827, 2192, 2557, 2922, 3288, 3653,
]  # fmt: skip


class Network(Section, frozen=True):
    """VPC, subnets, NAT and endpoints."""

    cidr: Annotated[
        str,
        text(
            limits.CIDR,
            "Private IPv4 range of the VPC, /16 to /22. Must not overlap the range of another "
            "environment.",
            Form("a private IPv4 range from /16 to /22", "10.10.0.0/16", "0-9./"),
            varies=True,
            own="ranges of environments are compared before anything is deployed",
        ),
    ]
    availability_zones: Annotated[
        int,
        whole(limits.AVAILABILITY_ZONES, "Number of availability zones with subnets.", varies=True),
    ]
    nat: Annotated[
        Literal["none", "single", "per-az"],
        described(
            "NAT gateways: none (VPC endpoints only), a single one, or one per availability zone.",
            varies=True,
        ),
    ]
    interface_endpoints: Annotated[
        tuple[Literal["logs", "kms", "sqs", "sts", "xray"], ...],
        described(
            "AWS services reached through an interface endpoint, billed per hour and zone. The "
            "functions need none: they call DynamoDB through its gateway endpoint.",
            uniqueItems=True,
        ),
    ]
    zone_ids: (
        Annotated[
            str,
            text(
                limits.ZONE_IDS,
                "Ids of the availability zones, such as use1-az1,use1-az2, for accounts whose "
                "first zones lack a service. Changing them creates new subnets.",
                Form("two or three zone ids, separated by commas", "use1-az1,use1-az2"),
                varies=True,
                own="they are counted against network.availability_zones",
            ),
        ]
        | None
    ) = None


class Data(Section, frozen=True):
    """DynamoDB capacity and recovery."""

    read_capacity: Annotated[
        int,
        whole(
            limits.TABLE_CAPACITY,
            "Provisioned read capacity units of each table and index; "
            "autoscaling never goes below.",
            varies=True,
        ),
    ]
    write_capacity: Annotated[
        int,
        whole(
            limits.TABLE_CAPACITY,
            "Provisioned write capacity units of each table and index; "
            "autoscaling never goes below.",
            varies=True,
        ),
    ]
    read_capacity_max: Annotated[
        int,
        whole(
            limits.TABLE_CAPACITY,
            "Upper limit of read autoscaling, at least read_capacity.",
            varies=True,
        ),
    ]
    write_capacity_max: Annotated[
        int,
        whole(
            limits.TABLE_CAPACITY,
            "Upper limit of write autoscaling, at least write_capacity.",
            varies=True,
        ),
    ]
    scaling_target_percent: Annotated[
        int,
        whole(limits.SCALING_TARGET_PERCENT, "Target utilisation of autoscaling, in percent."),
    ]
    point_in_time_recovery: Annotated[
        bool,
        described("Continuous backups of the tables. Must be on if protection is on.", varies=True),
    ]


class Functions(Section, frozen=True):
    """Lambda sizing and behaviour."""

    memory_mb: Annotated[
        int, whole(limits.MEMORY_MB, "Memory of each function in MB.", varies=True)
    ]
    timeout_seconds: Annotated[
        int,
        whole(
            limits.FUNCTION_TIMEOUT_SECONDS,
            "Timeout of each function in seconds; API Gateway stops waiting after 29 s.",
            varies=True,
        ),
    ]
    reserved_concurrency: Annotated[
        int,
        whole(
            limits.RESERVED_CONCURRENCY,
            "Reserved concurrency of each function; 0 leaves it unreserved (new accounts allow "
            "only 10 in total).",
            varies=True,
        ),
    ]
    rollout: Annotated[
        Literal["all-at-once", "canary-10-5", "canary-10-15", "linear-10-1", "linear-10-3"],
        described(
            "How a new version takes over. canary-10-5: ten percent of the calls for five minutes, "
            "then all; linear-10-1: ten percent more every minute. It rolls back automatically.",
            varies=True,
        ),
    ]
    log_level: Annotated[
        Literal["DEBUG", "INFO", "WARNING", "ERROR"],
        described("Lowest level that the functions log."),
    ]
    session_ttl_seconds: Annotated[
        int, whole(limits.SESSION_TTL_SECONDS, "Lifetime of a session in seconds.")
    ]
    idempotency_ttl_seconds: Annotated[
        int,
        whole(
            limits.IDEMPOTENCY_TTL_SECONDS, "How long an Idempotency-Key is remembered, in seconds."
        ),
    ]
    powertools_layer_version: Annotated[
        int, whole(limits.LAYER_VERSION, "Version of the AWS-managed Powertools for Python layer.")
    ]


class Retention(Section, frozen=True):
    """Retention of logs. No retention is set anywhere else."""

    logs_days: Annotated[
        int,
        whole(
            limits.S3_RETENTION_DAYS,
            "Days that current and noncurrent objects are kept in the log buckets.",
            varies=True,
        ),
    ]
    cloudwatch_days: Annotated[
        LogRetentionDays,
        described(
            "Days that CloudWatch keeps log events (PCI DSS 10.5.1 requires twelve months in "
            "production).",
            varies=True,
        ),
    ]


class Api(Section, frozen=True):
    """REST API: callers, throttling and web application firewall."""

    authorization: Annotated[
        Literal["cognito", "none"],
        described(
            "cognito: callers need an access token of the environment's user pool. "
            "none leaves the API open; refused if protection is on."
        ),
    ]

    throttle_rate: Annotated[
        int, whole(limits.THROTTLE, "Steady rate in requests per second.", varies=True)
    ]
    throttle_burst: Annotated[
        int, whole(limits.THROTTLE, "Burst of requests, at least throttle_rate.", varies=True)
    ]
    waf_rate_limit: Annotated[
        int,
        whole(
            limits.WAF_RATE_LIMIT,
            "Requests that one address may send in five minutes.",
            varies=True,
        ),
    ]
    origin_secret_generation: Annotated[
        int,
        whole(
            limits.ORIGIN_SECRET_GENERATION,
            "Number of the secret that CloudFront sends to the API. The API accepts this one and "
            "the previous one. Raise it by 1 to rotate.",
            varies=True,
        ),
    ]
    execution_log_level: Annotated[
        Literal["OFF", "ERROR"],
        described(
            "Execution logs of API Gateway. ERROR needs the account's logging role, "
            "see manage_account_logging."
        ),
    ]
    manage_account_logging: Annotated[
        bool,
        described(
            "Manage AWS::ApiGateway::Account, which exists once per account and region, in this "
            "environment.",
            varies=True,
        ),
    ]


class Certificate(Section, frozen=True):
    """TLS certificate of the site."""

    wait_minutes: Annotated[
        int,
        whole(
            Range(1, 45),
            "How long a deployment waits for DNS validation.",
            varies=True,
        ),
    ]


class Cdn(Section, frozen=True):
    """CloudFront distribution."""

    price_class: Annotated[
        Literal["PriceClass_100", "PriceClass_200", "PriceClass_All"],
        described("Edge locations that serve the site.", varies=True),
    ]


class Alarms(Section, frozen=True, kw_only=True):
    """Who is notified, and the thresholds."""

    email: (
        Annotated[
            str,
            text(
                limits.EMAIL,
                "Address subscribed to the alarm topics.",
                Form("an e-mail address", "payments@example.com"),
                varies=True,
            ),
        ]
        | Elsewhere
        | None
    ) = None
    function_errors: Annotated[
        int, whole(limits.ALARM_COUNT, "Function errors in five minutes.", varies=True)
    ]
    rollout_errors: Annotated[
        int,
        whole(
            limits.ALARM_COUNT,
            "Errors of a function in one minute that roll back to its old version.",
            varies=True,
        ),
    ]
    function_throttles: Annotated[
        int, whole(limits.ALARM_COUNT, "Throttled invocations in five minutes.", varies=True)
    ]
    function_duration_p99_ms: Annotated[
        int,
        whole(
            limits.ALARM_MILLISECONDS,
            "99th percentile of the duration in milliseconds.",
            varies=True,
        ),
    ]
    api_5xx: Annotated[
        int,
        whole(limits.ALARM_COUNT, "API responses with a 5xx status in five minutes.", varies=True),
    ]
    table_throttles: Annotated[
        int, whole(limits.ALARM_COUNT, "Throttled DynamoDB requests in five minutes.", varies=True)
    ]
    dead_letters: Annotated[
        int, whole(limits.ALARM_COUNT, "Messages visible in a dead-letter queue.", varies=True)
    ]
    waf_blocks: Annotated[
        int,
        whole(limits.ALARM_COUNT, "Requests blocked by the firewall in five minutes.", varies=True),
    ]
    access_log_delay_seconds: Annotated[
        int,
        whole(
            limits.ALARM_SECONDS,
            "Age in seconds of the oldest line of the API's access log that is not yet in the "
            "bucket.",
            varies=True,
        ),
    ]
    cdn_5xx_percent: Annotated[
        int,
        whole(limits.PERCENT, "CloudFront responses with a 5xx status, in percent.", varies=True),
    ]


class PaymentsSettings(Settings, frozen=True, kw_only=True):
    """The settings of one environment of the payments platform."""

    domain: (
        Annotated[
            str,
            text(
                limits.DOMAIN,
                "Domain of the site. Without one, the site uses CloudFront's domain name, and the "
                "layers zone, certificate and dns are left out.",
                Form("a domain in lower case", "dev.api.example.com"),
                varies=True,
                own="it decides which layers exist",
            ),
        ]
        | None
    ) = None
    parent_zone_id: (
        Annotated[
            str,
            text(
                limits.HOSTED_ZONE_ID,
                "Hosted zone of the parent domain in the same account; the delegation record is "
                "created in it.",
                Form("the id of a hosted zone", "Z0123456789ABCDEFGHIJ", "A-Z0-9"),
                varies=True,
            ),
        ]
        | Elsewhere
        | None
    ) = None
    cost_center: Annotated[
        str,
        text(
            limits.COST_CENTER,
            "CostCenter tag.",
            Form(
                "upper-case letters, digits and hyphens, 2 to 32 characters, no hyphen first",
                "DEV-001",
                "A-Z0-9-",
            ),
            varies=True,
            own="it is a tag of every stack, and reviewed as one",
        ),
    ]
    network: Network
    data: Data
    functions: Functions
    retention: Retention
    api: Api
    certificate: Certificate
    cdn: Cdn
    alarms: Alarms
