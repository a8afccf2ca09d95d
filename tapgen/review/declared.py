"""Faults of rendered stacks that would fail in AWS: inputs without a source, names too long.

`tapgen lint` reports them; a deployment refuses them before it calls AWS.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from tapgen.model.layer import Source
from tapgen.model.stack import Stack
from tapgen.render.examples import example_resolver

# Resource type -> the property that names it, and its maximum length. The figures are those of each
# service's API reference (CreateFunction, CreateRole, CreateQueue ...).
NAMES: Final[Mapping[str, tuple[str, int]]] = {
    "AWS::CertificateManager::Certificate": ("DomainName", 64),  # its first name; others: 253
    "AWS::CloudWatch::Alarm": ("AlarmName", 255),
    "AWS::CodeDeploy::Application": ("ApplicationName", 100),
    "AWS::CodeDeploy::DeploymentGroup": ("DeploymentGroupName", 100),
    "AWS::Cognito::UserPool": ("UserPoolName", 128),
    "AWS::Cognito::UserPoolDomain": ("Domain", 63),
    "AWS::DynamoDB::Table": ("TableName", 255),
    "AWS::ECS::Cluster": ("ClusterName", 255),
    "AWS::ElasticLoadBalancingV2::LoadBalancer": ("Name", 32),
    "AWS::ElasticLoadBalancingV2::TargetGroup": ("Name", 32),
    "AWS::Events::Rule": ("Name", 64),
    "AWS::IAM::Role": ("RoleName", 64),
    "AWS::KMS::Alias": ("AliasName", 256),
    "AWS::Kinesis::Stream": ("Name", 128),
    "AWS::KinesisFirehose::DeliveryStream": ("DeliveryStreamName", 64),
    "AWS::Lambda::Function": ("FunctionName", 64),
    "AWS::Logs::DeliveryDestination": ("Name", 60),
    "AWS::Logs::DeliverySource": ("Name", 60),
    "AWS::Logs::LogGroup": ("LogGroupName", 512),
    "AWS::RDS::DBInstance": ("DBInstanceIdentifier", 63),
    "AWS::S3::Bucket": ("BucketName", 63),
    "AWS::SNS::Topic": ("TopicName", 256),
    "AWS::SQS::Queue": ("QueueName", 80),
    "AWS::SecretsManager::Secret": ("Name", 512),
    "AWS::StepFunctions::StateMachine": ("StateMachineName", 80),
    "AWS::WAFv2::WebACL": ("Name", 128),
}


def input_fault(source: Source, siblings: Mapping[str, Stack]) -> str:
    """Why no layer of the environment provides an input; "" if one does."""
    sibling = siblings.get(source.layer)
    if sibling is None:
        return "the environment does not have that layer"
    output = sibling.template.outputs.get(source.output)
    if output is None:
        return "the layer has no such output"
    if "Condition" in output and not example_resolver(sibling).condition(output["Condition"]):
        return "the output's condition is false"
    return ""


def long_names(stack: Stack) -> Iterator[tuple[str, str, str]]:
    """Yield logical id, property and fault of each name that is too long for AWS."""
    resolver = example_resolver(stack)
    for logical_id, resource in stack.template.resources.items():
        property_, most = NAMES.get(resource["Type"], ("", 0))
        name = resource.get("Properties", {}).get(property_)
        if not name or ("Condition" in resource and not resolver.condition(resource["Condition"])):
            continue
        value = resolver.value(name)
        if isinstance(value, str) and len(value) > most:
            fault = f"{value} has {len(value)} characters, the limit is {most}"
            yield logical_id, property_, fault


def faults(stacks: Mapping[str, Stack], layers: Iterable[str] | None = None) -> Iterator[str]:
    """Yield everything in the stacks of one environment that is known to fail, in words.

    Only `layers` are checked; all by default.
    """
    for layer in stacks if layers is None else layers:
        stack = stacks[layer]
        for name, source in stack.inputs.items():
            fault = "" if source.elsewhere else input_fault(source, stacks)
            if fault and not source.optional:
                yield f"{layer}: the input {name} is {source}, but {fault}"
        for logical_id, property_, fault in long_names(stack):
            yield f"{layer}: {logical_id}.{property_} {fault}"
