"""Monthly quantities that AWS charges for: one pure function per resource type.

A function gets the declared resource with its values, and yields components with a low and a high
quantity: autoscaling moves between the two. Quantities that depend on usage are marked. The sources
are the pricing pages of the services.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from tapgen.model.templates.intrinsics import references
from tapgen.review.cost import components
from tapgen.review.cost.prices import Component

if TYPE_CHECKING:
    from tapgen.settings.base import Cost

# Hours of a month, as the AWS Pricing Calculator counts them.
HOURS: Final = 730
# Rotated versions that are charged in addition to the first one (AWS KMS pricing).
_ROTATED_VERSIONS: Final = 2
# Firehose rounds each record up to a multiple of 5 KB (Amazon Data Firehose pricing).
_RECORD_STEP: Final = 5 * 1024
# The shortest period of standard resolution; a shorter one costs more (CloudWatch pricing).
_STANDARD_PERIOD: Final = 60
_MEGABYTE_PARTS: Final = 1024
_BOT_CONTROL: Final = "AWSManagedRulesBotControlRuleSet"


@dataclass(frozen=True)
class Usage:
    """Monthly usage; 0 means that it is not known.

    - `requests`: to the whole environment.
    - `milliseconds`: duration of a function per request.
    - `kilobytes`: size of a response (1,000 bytes each).
    - `log_bytes`: written to logs per request.
    """

    requests: int = 0
    milliseconds: int = 0
    kilobytes: int = 0
    log_bytes: int = 0

    @classmethod
    def of(cls, cost: Cost) -> Usage:
        """The usage in an environment's settings."""
        return cls(
            cost.requests_per_month,
            cost.request_milliseconds,
            cost.request_kilobytes,
            cost.request_log_bytes,
        )


@dataclass(frozen=True)
class Resource:
    """One resource with the values of its environment; values from AWS are still expressions."""

    layer: str
    logical_id: str
    type: str
    properties: Mapping[str, Any]


@dataclass(frozen=True)
class Around:
    """The context of a quantity: usage, and the other resources of the stack."""

    usage: Usage = field(default_factory=Usage)
    stack: tuple[Resource, ...] = ()
    # Type -> number in the whole environment: usage is spread evenly over them.
    counts: Mapping[str, int] = field(default_factory=dict)
    # Logical ids of resources that no request reaches.
    aside: frozenset[str] = frozenset()

    def share(self, resource: Resource) -> Decimal:
        """The requests that the resource gets: an equal share among those of its type."""
        if resource.logical_id in self.aside:
            return Decimal(0)
        return Decimal(self.usage.requests) / self.counts.get(resource.type, 1)


@dataclass(frozen=True)
class Quantity:
    """A quantity of a component, counted in single pieces (`Component.per` make one unit)."""

    component: Component
    low: Decimal
    high: Decimal
    by_usage: bool = False


Quantities = Iterator[Quantity]
Counting = Callable[[Resource, Around], Quantities]


def _fixed(
    component: Component, low: float | Decimal, high: float | Decimal | None = None
) -> Quantity:
    return Quantity(component, Decimal(low), Decimal(low if high is None else high))


def _used(component: Component, amount: Decimal) -> Quantities:
    if amount:
        yield Quantity(component, amount, amount, by_usage=True)


# --- networks -------------------------------------------------------------------------------------


def _nat_gateway(_resource: Resource, _around: Around) -> Quantities:
    yield _fixed(components.NAT_HOUR, HOURS)


def _address(_resource: Resource, _around: Around) -> Quantities:
    yield _fixed(components.ADDRESS_HOUR, HOURS)


def _endpoint(resource: Resource, _around: Around) -> Quantities:
    """An interface endpoint is charged per availability zone; a gateway endpoint is free."""
    if _is_interface(resource):
        subnets = resource.properties.get("SubnetIds", ())
        zones = len(subnets) if isinstance(subnets, list) else 1
        yield _fixed(components.ENDPOINT_HOUR, HOURS * zones)


# --- data -----------------------------------------------------------------------------------------

_CAPACITIES: Final = {
    "ReadCapacityUnits": components.READ_CAPACITY,
    "WriteCapacityUnits": components.WRITE_CAPACITY,
}


def _table(resource: Resource, around: Around) -> Quantities:
    """The capacity of the table and its indexes, up to the maximum of autoscaling."""
    properties = resource.properties
    if properties.get("BillingMode") == "PAY_PER_REQUEST":
        share = around.share(resource)
        yield from _used(components.READS, share)
        yield from _used(components.WRITES, share)
        return
    indexes = properties.get("GlobalSecondaryIndexes", ())
    for name, owner in (("table", properties), *(("index", index) for index in indexes)):
        throughput = owner.get("ProvisionedThroughput", {})
        for unit, component in _CAPACITIES.items():
            low = int(throughput.get(unit, 0))
            target = f"{name}:{unit}"
            high = max([low, *_maxima(resource, around, target, str(owner.get("IndexName", "")))])
            yield _fixed(component, low * HOURS, high * HOURS)


def _maxima(table: Resource, around: Around, target: str, index: str) -> Iterator[int]:
    """The maxima of autoscaling for a capacity."""
    for one in around.stack:
        if one.type != "AWS::ApplicationAutoScaling::ScalableTarget":
            continue
        properties = one.properties
        scaled = properties.get("ResourceId", "")
        of_table = table.logical_id in references(scaled) or scaled == (
            f"table/{table.properties.get('TableName')}" + (f"/index/{index}" if index else "")
        )
        dimension = str(properties.get("ScalableDimension", ""))
        if of_table and dimension == f"dynamodb:{target}" and index in str(scaled):
            yield int(properties["MaxCapacity"])


# --- keys and secrets -----------------------------------------------------------------------------


def _key(resource: Resource, _around: Around) -> Quantities:
    """One version; a key that rotates has more, of which two are charged."""
    rotates = resource.properties.get("EnableKeyRotation") in {True, "true"}
    yield _fixed(components.KEY, 1, 1 + _ROTATED_VERSIONS * rotates)


def _secret(resource: Resource, _around: Around) -> Quantities:
    yield _fixed(components.SECRET, 1 + len(resource.properties.get("ReplicaRegions", ())))


# --- entry points ---------------------------------------------------------------------------------


def _web_acl(resource: Resource, around: Around) -> Quantities:
    """The ACL, and a rule for each entry: one of AWS's managed groups counts as one."""
    managed = [_managed(rule) for rule in resource.properties.get("Rules", ())]
    yield _fixed(components.WEB_ACL, 1)
    if own := managed.count(""):
        yield _fixed(components.WEB_ACL_RULE, own)
    if groups := len(managed) - own:
        yield _fixed(components.MANAGED_RULES, groups)
    if _BOT_CONTROL in managed:
        yield _fixed(components.BOT_CONTROL, 1)
    # Each ACL sees each request, because they are in series.
    yield from _used(components.WEB_REQUESTS, Decimal(around.usage.requests))


def _managed(rule: Mapping[str, Any]) -> str:
    """The name of a rule that is one of AWS's managed groups; empty for another rule."""
    group = rule.get("Statement", {}).get("ManagedRuleGroupStatement", {})
    return str(group.get("Name", "")) if group.get("VendorName") == "AWS" else ""


def _rest_api(resource: Resource, around: Around) -> Quantities:
    yield from _used(components.API_CALLS, around.share(resource))


def _distribution(resource: Resource, around: Around) -> Quantities:
    share = around.share(resource)
    yield from _used(components.CDN_REQUESTS, share)
    yield from _used(components.CDN_OUT, share * around.usage.kilobytes * 1000)


def _zone(_resource: Resource, _around: Around) -> Quantities:
    yield _fixed(components.ZONE, 1)


def _certificate(_resource: Resource, _around: Around) -> Quantities:
    yield _fixed(components.CERTIFICATE, 1)


# --- functions -------------------------------------------------------------------------


def _function(resource: Resource, around: Around) -> Quantities:
    """Requests, and seconds times memory, which is 128 MB by default."""
    share = around.share(resource)
    memory = Decimal(int(resource.properties.get("MemorySize", 128))) / _MEGABYTE_PARTS
    kind = next(iter(resource.properties.get("Architectures", ("x86_64",))))
    yield from _used(components.FUNCTION_REQUESTS, share)
    seconds = share * around.usage.milliseconds / 1000 * memory
    yield from _used(components.FUNCTION_SECONDS[kind], seconds)


# --- monitoring -----------------------------------------------------------------------------------


def _alarm(resource: Resource, _around: Around) -> Quantities:
    """One for each metric. The price of a high-resolution alarm is not known here."""
    queries = resource.properties.get("Metrics", ())
    stats = [query["MetricStat"] for query in queries if "MetricStat" in query]
    periods = [int(stat.get("Period", _STANDARD_PERIOD)) for stat in stats]
    periods = periods or [int(resource.properties.get("Period", _STANDARD_PERIOD))]
    if min(periods) < _STANDARD_PERIOD:
        raise NoPriceError
    yield _fixed(components.ALARM_METRIC, len(periods))


def _composite_alarm(_resource: Resource, _around: Around) -> Quantities:
    yield _fixed(components.COMPOSITE_ALARM, 1)


def _dashboard(_resource: Resource, _around: Around) -> Quantities:
    yield _fixed(components.DASHBOARD, 1)


def _log_group(resource: Resource, around: Around) -> Quantities:
    share = around.share(resource)
    yield from _used(components.LOG_INGESTION, share * around.usage.log_bytes)


def _stream(resource: Resource, around: Around) -> Quantities:
    """One record per request, rounded up."""
    steps = -(-around.usage.log_bytes // _RECORD_STEP)
    yield from _used(components.FIREHOSE, around.share(resource) * steps * _RECORD_STEP)


class NoPriceError(Exception):
    """A resource that has a price which is not in the table."""


COUNTINGS: Final[Mapping[str, Counting]] = {
    "AWS::ApiGateway::RestApi": _rest_api,
    "AWS::CertificateManager::Certificate": _certificate,
    "AWS::CloudFront::Distribution": _distribution,
    "AWS::CloudWatch::Alarm": _alarm,
    "AWS::CloudWatch::CompositeAlarm": _composite_alarm,
    "AWS::CloudWatch::Dashboard": _dashboard,
    "AWS::DynamoDB::Table": _table,
    "AWS::EC2::EIP": _address,
    "AWS::EC2::NatGateway": _nat_gateway,
    "AWS::EC2::VPCEndpoint": _endpoint,
    "AWS::KMS::Key": _key,
    "AWS::KinesisFirehose::DeliveryStream": _stream,
    "AWS::Lambda::Function": _function,
    "AWS::Logs::LogGroup": _log_group,
    "AWS::Route53::HostedZone": _zone,
    "AWS::SecretsManager::Secret": _secret,
    "AWS::WAFv2::WebACL": _web_acl,
}

# Types that AWS does not charge for, not even by usage: they configure others (the pricing pages of
# their services).
FREE: Final = frozenset(
    f"AWS::{name}"
    for name in (
        "ApiGateway::Account",
        "ApiGateway::Authorizer",
        "ApiGateway::Deployment",
        "ApiGateway::GatewayResponse",
        "ApiGateway::Method",
        "ApiGateway::Model",
        "ApiGateway::RequestValidator",
        "ApiGateway::Resource",
        "ApiGateway::Stage",
        "ApplicationAutoScaling::ScalableTarget",
        "ApplicationAutoScaling::ScalingPolicy",
        "CloudFormation::WaitConditionHandle",
        "CloudFront::ResponseHeadersPolicy",
        "CodeDeploy::Application",
        "CodeDeploy::DeploymentGroup",
        "Cognito::UserPoolClient",
        "Cognito::UserPoolDomain",
        "Cognito::UserPoolResourceServer",
        "EC2::InternetGateway",
        "EC2::Route",
        "EC2::RouteTable",
        "EC2::SecurityGroup",
        "EC2::SecurityGroupEgress",
        "EC2::SecurityGroupIngress",
        "EC2::Subnet",
        "EC2::SubnetRouteTableAssociation",
        "EC2::VPC",
        "EC2::VPCGatewayAttachment",
        "IAM::InstanceProfile",
        "IAM::ManagedPolicy",
        "IAM::OIDCProvider",
        "IAM::Policy",
        "IAM::Role",
        "KMS::Alias",
        "Lambda::Alias",
        "Lambda::EventInvokeConfig",
        "Lambda::EventSourceMapping",
        "Lambda::Permission",
        "Lambda::Version",
        "Logs::DeliveryDestination",
        "Logs::DeliverySource",
        "Logs::LogStream",
        "RDS::DBParameterGroup",
        "RDS::DBSubnetGroup",
        "Route53::RecordSet",
        "S3::BucketPolicy",
        "SNS::Subscription",
        "SNS::TopicPolicy",
        "SQS::QueuePolicy",
        "WAFv2::LoggingConfiguration",
        "WAFv2::WebACLAssociation",
    )
)

# Charges whose quantities are not known: they are named, and not counted.
UNSAID: Final[Mapping[str, str]] = {
    "AWS::Cognito::UserPool": "tokens and users of user pools",
    "AWS::DynamoDB::Table": "storage and backups of tables",
    "AWS::EC2::FlowLog": "data written by flow logs",
    "AWS::EC2::NatGateway": "data through NAT gateways",
    "AWS::EC2::VPCEndpoint": "data through interface endpoints",
    "AWS::KMS::Key": "requests to keys",
    "AWS::Logs::Delivery": "data written by log deliveries",
    "AWS::Logs::LogGroup": "storage of log groups",
    "AWS::S3::Bucket": "storage of buckets, and requests to them",
    "AWS::SNS::Topic": "messages of topics",
    "AWS::SQS::Queue": "messages of queues",
    "AWS::SecretsManager::Secret": "requests for secrets",
}


def unsaid(resource: Resource) -> str:
    """The charges of a resource whose quantity is not known; empty if there are none."""
    if resource.type == "AWS::EC2::VPCEndpoint" and not _is_interface(resource):
        return ""
    return UNSAID.get(resource.type, "")


def _is_interface(endpoint: Resource) -> bool:
    return bool(endpoint.properties.get("VpcEndpointType") == "Interface")
