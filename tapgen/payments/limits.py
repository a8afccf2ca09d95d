"""Ranges and patterns that a template parameter and the setting that fills it share.

The layers use them for MinValue, MaxValue, AllowedValues and AllowedPattern, and
`tapgen.payments.settings` for the schema of the YAML files, so the two cannot disagree.
"""

from __future__ import annotations

from typing import Final

from tapgen.model.limits import Range

AVAILABILITY_ZONES: Final = Range(2, 3)
TABLE_CAPACITY: Final = Range(1, 1000)  # capacity units, docs/platform.md
SCALING_TARGET_PERCENT: Final = Range(20, 90)  # DynamoDB target tracking accepts no other value
MEMORY_MB: Final = Range(128, 10240)  # Lambda quota
FUNCTION_TIMEOUT_SECONDS: Final = Range(1, 28)  # API Gateway gives up after 29 s by default
RESERVED_CONCURRENCY: Final = Range(0, 1000)  # 0 stands for "not reserved"
S3_RETENTION_DAYS: Final = Range(1, 3650)
THROTTLE: Final = Range(1, 10000)  # requests a second, the default quota of an account
ORIGIN_SECRET_GENERATION: Final = Range(1, 10_000)
WAF_RATE_LIMIT: Final = Range(10, 2_000_000_000)  # requests an address and five minutes, WAF quota
SESSION_TTL_SECONDS: Final = Range(60, 86_400)
IDEMPOTENCY_TTL_SECONDS: Final = Range(3600, 604_800)
ALARM_COUNT: Final = Range(1, 1_000_000)
ALARM_MILLISECONDS: Final = Range(1, 28_000)
ALARM_SECONDS: Final = Range(60, 86_400)
PERCENT: Final = Range(1, 100)
LAYER_VERSION: Final = Range(1, 10_000)

# The folder of the API's access log in its bucket.
ACCESS_LOG_FOLDER: Final = "api-gateway"

# The values PutRetentionPolicy accepts (CloudWatch Logs API reference).
LOG_RETENTION_DAYS: Final = (
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731,
    1096, 1827, 2192, 2557, 2922, 3288, 3653,
)  # fmt: skip

# Ids, for instance use1-az1,use1-az2: names (us-east-1a) mean different zones in each account.
ZONE_IDS: Final = r"^[a-z]{2,5}[0-9]-az[0-9](,[a-z]{2,5}[0-9]-az[0-9]){1,2}$"
# Regions in which a new account has fewer zones than AVAILABILITY_ZONES allows (AWS, "Regions and
# Availability Zones", https://aws.amazon.com/about-aws/global-infrastructure/regions_az/).
FEWER_ZONES: Final = {"us-west-1": 2}
NAT_MODES: Final = ("none", "single", "per-az")
GATEWAY_ENDPOINTS: Final = ("dynamodb", "s3")
INTERFACE_ENDPOINTS: Final = ("logs", "kms", "sqs", "sts", "xray")
# The services for which the functions' code creates clients, which a test checks. Everything else
# goes through the Lambda service: logs, decryption of variables, dead letters, code.
CALLED_BY_FUNCTIONS: Final = ("dynamodb",)
LOG_LEVELS: Final = ("DEBUG", "INFO", "WARNING", "ERROR")
EXECUTION_LOG_LEVELS: Final = ("OFF", "ERROR")  # INFO would log request data
AUTHORIZATIONS: Final = ("cognito", "none")
# How a new version takes over -> CodeDeploy's name for it (CodeDeploy user guide, "Predefined
# deployment configurations for an AWS Lambda compute platform"). canary-10-5: ten percent of the
# calls for five minutes, then all; linear-10-1: ten percent more every minute.
ALL_AT_ONCE: Final = "all-at-once"
ROLLOUTS: Final = {
    ALL_AT_ONCE: "CodeDeployDefault.LambdaAllAtOnce",
    "canary-10-5": "CodeDeployDefault.LambdaCanary10Percent5Minutes",
    "canary-10-15": "CodeDeployDefault.LambdaCanary10Percent15Minutes",
    "linear-10-1": "CodeDeployDefault.LambdaLinear10PercentEvery1Minute",
    "linear-10-3": "CodeDeployDefault.LambdaLinear10PercentEvery3Minutes",
}
PRICE_CLASSES: Final = ("PriceClass_100", "PriceClass_200", "PriceClass_All")

# The last label may be in another alphabet, such as xn--p1ai.
DOMAIN: Final = (
    r"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+([a-z]{2,63}|xn--[a-z0-9-]{1,58}[a-z0-9])$"
)
DOMAIN_CHARACTERS: Final = 64  # ACM's limit of a certificate's first name (RFC 5280: CN)
# S3 reserves names that start like this (S3 user guide, "General purpose bucket naming rules").
RESERVED_IN_BUCKETS: Final = ("amzn-s3-demo-", "sthree-", "xn--")
HOSTED_ZONE_ID: Final = r"^Z[A-Z0-9]{1,31}$"
CIDR: Final = r"^(10|172|192)\.[0-9]{1,3}\.[0-9]{1,3}\.0/(1[6-9]|2[0-2])$"
PRIVATE_RANGES: Final = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")  # RFC 1918
COST_CENTER: Final = r"^[A-Z0-9][A-Z0-9-]{1,31}$"
EMAIL: Final = r"^[^@\s]+@[^@\s]+\.[^@\s]+$"

# Patterns of other layers' outputs.
SECURITY_GROUP_ID: Final = r"^sg-[0-9a-f]{8,17}$"
KMS_KEY_ARN: Final = r"^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$"
LAMBDA_ALIAS_ARN: Final = (
    r"^arn:aws[a-z-]*:lambda:[a-z0-9-]+:[0-9]{12}:function:[A-Za-z0-9_-]+:[A-Za-z0-9_-]+$"
)
USER_POOL_ARN: Final = (
    r"^arn:aws[a-z-]*:cognito-idp:[a-z0-9-]+:[0-9]{12}:userpool/[a-z0-9-]+_[A-Za-z0-9]+$"
)
CERTIFICATE_ARN: Final = r"^arn:aws[a-z-]*:acm:[a-z0-9-]+:[0-9]{12}:certificate/[A-Za-z0-9-]+$"
BUCKET_NAME: Final = r"^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$"
HOST_NAME: Final = r"^[A-Za-z0-9.-]{1,253}$"
RESOURCE_NAME: Final = r"^[A-Za-z0-9_/.-]{1,255}$"
