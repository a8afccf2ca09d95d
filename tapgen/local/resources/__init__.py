"""CloudFormation types that MiniStack lacks or supports incompletely, one module per AWS service.

A module lists its provisioners, and `SERVICES` lists the modules.
"""

from __future__ import annotations

from tapgen.local.resources import (
    acm,
    apigateway,
    autoscaling,
    awslambda,
    cloudfront,
    cloudwatch,
    codedeploy,
    cognito,
    dynamodb,
    ec2,
    iam,
    logs,
    rds,
    route53,
    s3,
    secretsmanager,
    sns,
    waf,
)

SERVICES = (
    acm,
    apigateway,
    autoscaling,
    awslambda,
    cloudfront,
    cloudwatch,
    codedeploy,
    cognito,
    dynamodb,
    ec2,
    iam,
    logs,
    rds,
    route53,
    s3,
    secretsmanager,
    sns,
    waf,
)


def install() -> None:
    """Register every provisioner with MiniStack."""
    for service in SERVICES:
        for provisioner in service.PROVISIONERS:
            provisioner.install()
    codedeploy.follow_policies()
