"""The resources of an account on which an environment's people may act.

A resource whose name can be chosen is named after the environment's prefix. If AWS chooses an id,
the ARN pattern has the type, the account and the region, and an existing resource must have the
environment's tags before it may be changed or deleted.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from tapgen.iam.reference import arn_format, resource_types
from tapgen.model.layer import OutputRef
from tapgen.model.limits import GLOBAL_REGION
from tapgen.model.stack import Stack
from tapgen.model.templates.intrinsics import Unknown
from tapgen.render.examples import example_resolver

_PARTITION: Final = "aws"  # settings take commercial regions only
_VARIABLE: Final = re.compile(r"\$?\{[^}]*\}")

# Type with a name of our choice -> (service:resource type in ARNs, property, ARN of that name).
_NAMED: Final = {
    "AWS::CloudWatch::Alarm": ("cloudwatch:alarm", "AlarmName", "{}"),
    "AWS::CloudWatch::Dashboard": ("cloudwatch:dashboard", "DashboardName", "{}"),
    "AWS::CodeDeploy::Application": ("codedeploy:application", "ApplicationName", "{}"),
    "AWS::DynamoDB::Table": ("dynamodb:table", "TableName", "{}"),
    "AWS::IAM::Role": ("iam:role", "RoleName", "{}"),
    "AWS::KMS::Alias": ("kms:alias", "AliasName", "{}"),
    "AWS::KinesisFirehose::DeliveryStream": ("firehose:deliverystream", "DeliveryStreamName", "{}"),
    "AWS::Lambda::Function": ("lambda:function", "FunctionName", "{}"),
    "AWS::Logs::DeliveryDestination": ("logs:delivery-destination", "Name", "{}"),
    "AWS::Logs::DeliverySource": ("logs:delivery-source", "Name", "{}"),
    "AWS::Logs::LogGroup": ("logs:log-group", "LogGroupName", "{}"),
    "AWS::RDS::DBInstance": ("rds:db", "DBInstanceIdentifier", "{}"),
    "AWS::RDS::DBSubnetGroup": ("rds:subgrp", "DBSubnetGroupName", "{}"),
    "AWS::S3::Bucket": ("s3:bucket", "BucketName", "{}"),
    "AWS::SNS::Topic": ("sns:topic", "TopicName", "{}"),
    "AWS::SQS::Queue": ("sqs:queue", "QueueName", "{}"),
    "AWS::SecretsManager::Secret": ("secretsmanager:secret", "Name", "{}"),
    "AWS::WAFv2::WebACL": ("wafv2:webacl", "Name", "*/webacl/{}"),
}
# Type whose id AWS chooses -> service:resource type in ARNs.
_NUMBERED: Final = {
    "AWS::ApplicationAutoScaling::ScalableTarget": "application-autoscaling:scalabletarget",
    "AWS::CertificateManager::Certificate": "acm:certificate",
    "AWS::CloudFront::Distribution": "cloudfront:distribution",
    "AWS::CloudFront::ResponseHeadersPolicy": "cloudfront:response-headers-policy",
    "AWS::Cognito::UserPool": "cognito-idp:userpool",
    "AWS::EC2::EIP": "ec2:elastic-ip",
    "AWS::EC2::FlowLog": "ec2:vpc-flow-log",
    "AWS::EC2::InternetGateway": "ec2:internet-gateway",
    "AWS::EC2::NatGateway": "ec2:natgateway",
    "AWS::EC2::RouteTable": "ec2:route-table",
    "AWS::EC2::SecurityGroup": "ec2:security-group",
    "AWS::EC2::Subnet": "ec2:subnet",
    "AWS::EC2::VPC": "ec2:vpc",
    "AWS::EC2::VPCEndpoint": "ec2:vpc-endpoint",
    "AWS::KMS::Key": "kms:key",
    "AWS::Lambda::EventSourceMapping": "lambda:eventSourceMapping",
    "AWS::Logs::Delivery": "logs:delivery",
    "AWS::Route53::HostedZone": "route53:hostedzone",
}
# Resource types of an action in addition to those in the service authorization reference: for the
# deletion of a source it names only the destination.
_ALSO: Final = {"logs:DeleteDeliverySource": ("logs:delivery-source",)}
# tapgen lists all stacks of a region at once, which no pattern of names covers.
LISTING: Final = frozenset({"cloudformation:DescribeStacks", "cloudformation:ListStacks"})
# Needed only for parameters that settings read.
READING_PARAMETERS: Final = "ssm:GetParameters"
# AWS's public parameters belong to no account (Systems Manager user guide, public parameters).
_PUBLIC: Final = "/aws/service/"
# Actions on secrets that settings name: CloudFormation reads them, a plan checks that they exist.
_LOOKING_AT_SECRETS: Final = frozenset(
    {"secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"}
)
_SECRETS_TYPE: Final = "secretsmanager:secret"
# Actions of API Gateway, which are HTTP methods, and the paths they are used on.
_API_PATHS: Final = {
    "apigateway:DELETE": ("/restapis/*", "/tags/*"),
    "apigateway:GET": ("/account", "/restapis", "/restapis/*", "/tags/*"),
    "apigateway:PATCH": ("/account", "/restapis/*"),
    "apigateway:POST": ("/restapis", "/restapis/*"),
    "apigateway:PUT": ("/restapis", "/restapis/*", "/tags/*"),
    "apigateway:SetWebACL": ("/restapis/*/stages/*",),
    "apigateway:UpdateRestApiPolicy": ("/restapis/*",),
}
# The types that the paths above are of.
_REST_API_TYPES: Final = frozenset(
    f"AWS::ApiGateway::{name}"
    for name in (
        "Account",
        "Authorizer",
        "Deployment",
        "GatewayResponse",
        "Method",
        "Model",
        "RequestValidator",
        "Resource",
        "RestApi",
        "Stage",
    )
)
# Resources of these types have tags from their creation on, and IAM supports them in conditions.
TAGGED: Final = frozenset({"acm", "cloudfront:distribution", "cognito-idp:userpool", "ec2"})


@dataclass(frozen=True)
class Scope:
    """The resources of one environment, as ARN patterns. `stacks` are all of its stacks."""

    stacks: Sequence[Stack]

    @property
    def prefix(self) -> str:
        return self.stacks[0].prefix

    @property
    def account(self) -> str:
        return self.stacks[0].account_id

    @property
    def regions(self) -> tuple[str, ...]:
        """The regions its stacks are in, sorted."""
        return tuple(sorted({stack.region for stack in self.stacks}))

    @property
    def asked_regions(self) -> tuple[str, ...]:
        """The values of aws:RequestedRegion when its resources are created."""
        return tuple(sorted({*self.regions, GLOBAL_REGION}))

    @property
    def tags(self) -> dict[str, str]:
        """The tags that identify the environment's resources in the account."""
        return {name: self.stacks[0].tags[name] for name in ("Environment", "Project")}

    @cached_property
    def declared(self) -> dict[str, list[tuple[Stack, str, Mapping[str, Any]]]]:
        """Resource type -> stack, logical id and properties of each, inputs being examples."""
        found: dict[str, list[tuple[Stack, str, Mapping[str, Any]]]] = defaultdict(list)
        for stack in self.stacks:
            for logical_id, resource in _resources(stack).items():
                entry = (stack, logical_id, resource.get("Properties", {}))
                found[resource["Type"]].append(entry)
        return dict(found)

    def bucket(self, source: OutputRef) -> str | None:
        """Name of the bucket that an output of a layer names; None if there is no such bucket.

        The output is a `Ref` to it.
        """
        buckets = self.declared.get("AWS::S3::Bucket", [])
        return next(
            (
                str(properties.get("BucketName", f"{stack.name}-{logical_id}-*".lower()))
                for stack, logical_id, properties in buckets
                if stack.layer == source.layer
                and stack.template.outputs[source.output]["Value"] == {"Ref": logical_id}
            ),
            None,
        )

    @property
    def properties(self) -> dict[str, list[Mapping[str, Any]]]:
        """Resource type -> properties of each resource."""
        return {kind: [entry[2] for entry in entries] for kind, entries in self.declared.items()}

    def arns(self, action: str) -> tuple[str, ...]:
        """The ARN patterns that an action is limited to; "*" if it cannot be limited."""
        if action in LISTING:
            return ("*",)
        if action == READING_PARAMETERS:
            return self._read_parameters()
        if action in _LOOKING_AT_SECRETS and self.read_secrets:
            ours = self._arns_of(_SECRETS_TYPE) if _SECRETS_TYPE in self._patterns else ()
            return tuple(sorted({*ours, *self.read_secrets}))
        service = action.partition(":")[0]
        types = [f"{service}:{name}" for name in resource_types(action)]
        types += _ALSO.get(action, ())
        if not types:
            return ("*",)
        if service == "apigateway":
            return self._api_gateway(action)
        if types == ["lambda:layerversion"]:
            return self._layers()
        ours = [name for name in types if name in self._patterns]
        chosen = ours or [name for name in types if name not in self._patterns]
        return tuple(sorted({arn for name in chosen for arn in self._arns_of(name)}))

    def all_of(self, service: str) -> tuple[str, ...]:
        """All resources of a service in the account, in the environment's regions."""
        return tuple(f"arn:{_PARTITION}:{service}:{one}:{self.account}:*" for one in self.regions)

    def of_any_id(self, service: str) -> tuple[str, ...]:
        """Like `all_of`, as ARNs of a type and an id."""
        return tuple(f"{arn}/*" for arn in self.all_of(service))

    def _read_parameters(self) -> tuple[str, ...]:
        """The parameters that settings read; a pinned one is requested with its version."""
        home = self.stacks[0].region
        wanted = {one.output for stack in self.stacks for one in stack.read_parameters}
        return tuple(
            sorted(
                f"arn:{_PARTITION}:ssm:{home}:{'' if name.startswith(_PUBLIC) else self.account}:"
                f"parameter/{name.removeprefix('/')}"
                for name in wanted
            )
        )

    @cached_property
    def read_secrets(self) -> tuple[str, ...]:
        """The secrets that settings name.

        AWS adds a dash and six characters to a name (Secrets Manager user guide, "What's in a
        secret"); a full ARN in a setting already has them.
        """
        found = set[str]()
        for stack in self.stacks:
            place = f"arn:{_PARTITION}:secretsmanager:{stack.region}:{self.account}:secret:"
            for _, secret, _ in stack.read_secrets:
                found.add(secret if secret.startswith("arn:") else f"{place}{secret}-??????")
        return tuple(sorted(found))

    def _layers(self) -> tuple[str, ...]:
        """All versions of the functions' Lambda layers, which other accounts publish."""
        functions = self.properties.get("AWS::Lambda::Function", [])
        layers = {arn.rpartition(":")[0] for one in functions for arn in one.get("Layers", [])}
        return tuple(sorted(f"{layer}:*" for layer in layers))

    @cached_property
    def _patterns(self) -> dict[str, set[tuple[str, str]]]:
        """Service:resource type -> (region, last part of the ARN) of each of its resources."""
        found: dict[str, set[tuple[str, str]]] = defaultdict(set)
        for kind, entries in self.declared.items():
            for stack, logical_id, properties in entries:
                if kind in _NAMED:
                    name, key, form = _NAMED[kind]
                    value = properties.get(key, f"{stack.name}-{logical_id}-")
                    found[name].add((stack.region, form.format(self._shortened(value))))
                elif kind in _NUMBERED:
                    found[_NUMBERED[kind]].add((stack.region, "*"))
        for region in self.regions:
            found["cloudformation:changeset"].add((region, "tapgen-*"))
            found["cloudformation:stack"].add((region, f"{self.prefix}-*/*"))
        # Taking over the lock reads a version of it, as "NAME:VERSION".
        lock = f"tapgen/{self.prefix}/lock"
        found["ssm:parameter"] |= {(self.stacks[0].region, name) for name in (lock, f"{lock}:*")}
        found.update(self._following(found))
        return dict(found)

    def _following(
        self, found: Mapping[str, set[tuple[str, str]]]
    ) -> dict[str, set[tuple[str, str]]]:
        """Resources that have only the name of the resource that they belong to."""
        alarms = found.get("cloudwatch:alarm", set())
        tables = found.get("dynamodb:table", set())
        functions = found.get("lambda:function", set())
        groups = found.get("logs:log-group", set())
        firewalls = found.get("wafv2:webacl", set())
        return {
            **self._following_databases(found),
            # Target tracking creates these.
            "cloudwatch:alarm": alarms
            | {(region, f"TargetTracking-table/{name}") for region, name in tables},
            "codedeploy:deploymentgroup": {
                (region, f"{name}/*") for region, name in found.get("codedeploy:application", ())
            },
            "lambda:function alias": {(region, f"{name}:*") for region, name in functions},
            "lambda:function version": {(region, f"{name}:*") for region, name in functions},
            # Interfaces of functions in a VPC, which Lambda creates.
            "ec2:network-interface": {(region, "*") for region, _ in functions},
            # The ARN of a log group has its name, with or without a stream.
            "logs:log-group": groups
            | {(region, f"{name}:*") for region, name in groups if not name.endswith("*")},
            "logs:log-stream": {(region, f"{name}:log-stream:*") for region, name in groups},
            "s3:object": {(region, f"{name}/*") for region, name in found.get("s3:bucket", ())},
            # The resource that a firewall protects, and AWS's managed rules that it uses.
            "wafv2:apigateway": {(region, "*/stages/*") for region, _ in firewalls},
            "wafv2:managedruleset": {(region, "*/managedruleset/*") for region, _ in firewalls},
        }

    def _following_databases(
        self, found: Mapping[str, set[tuple[str, str]]]
    ) -> dict[str, set[tuple[str, str]]]:
        """Resources that belong to databases; none if there are no databases.

        A database is in the default groups of its engine if it names no others (RDS user guide,
        "Identity-based policy examples"). The name of its final snapshot begins with the stack's;
        RDS names the secret that it creates for the master user.
        """
        regions = {region for region, _ in found.get("rds:db", ())}
        if not regions:
            return {}
        return {
            "rds:og": {(region, "default:*") for region in regions},
            "rds:pg": {(region, "default.*") for region in regions},
            "rds:snapshot": {(region, f"{self.prefix}-*") for region in regions},
            "secretsmanager:secret": found.get("secretsmanager:secret", set())
            | {(region, "rds!db-*") for region in regions},
        }

    def _shortened(self, value: str | Unknown) -> str:
        """The pattern of a name: any suffix after the prefix, and any id that AWS inserts."""
        text = value.expression if isinstance(value, Unknown) else value
        name = _VARIABLE.sub("*", text).removeprefix("alias/")
        head, found, tail = name.partition(self.prefix)
        return f"{head}{found}{tail[0]}*" if found and tail else name

    def _arns_of(self, name: str) -> Iterable[str]:
        service, _, kind = name.partition(":")
        form = arn_format(service, kind)
        ours = self._patterns.get(name) or {(region, "*") for region in self.regions}
        for region, end in ours:
            values = {"${Partition}": _PARTITION, "${Region}": region, "${Account}": self.account}
            arn = form
            for variable, value in values.items():
                arn = arn.replace(variable, value)
            yield f"{arn}{end}"

    def _api_gateway(self, action: str) -> tuple[str, ...]:
        """Its ARNs are paths without an account; an API's id is known to AWS alone.

        If there are other APIs than REST APIs, every path of the region is included.
        """
        types = {kind for kind in self.declared if kind.startswith("AWS::ApiGateway")}
        regions = {stack.region for kind in types for stack, *_ in self.declared[kind]}
        paths = set(_API_PATHS.get(action, ("/*",)) if types <= _REST_API_TYPES else ("/*",))
        if "AWS::ApiGateway::Account" not in types and action != "apigateway:GET":
            paths.discard("/account")
        return tuple(
            sorted(
                f"arn:{_PARTITION}:apigateway:{region}::{path}"
                for region in regions
                for path in paths
            )
        )


def listed(value: str | Iterable[str]) -> list[str]:
    """A value that IAM accepts as one or several, as a list."""
    return [value] if isinstance(value, str) else list(value)


def _resources(stack: Stack) -> Mapping[str, dict[str, Any]]:
    """The stack's resources whose conditions hold."""
    return example_resolver(stack).resolve().resources
