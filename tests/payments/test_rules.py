from __future__ import annotations

from typing import Any

import pytest

from tapgen.payments import rules
from tapgen.render.rendering import Rendered
from tests.review.lint.rules.shipped import (
    Check,
    Mutation,
    adding,
    assert_found,
    removing,
    setting,
    without,
)
from tests.review.lint.rules.stubs import (
    template,
)

INGRESS = ("SecurityGroupIngress", 0)


@pytest.mark.parametrize(
    ("check", "layer", "mutate"),
    [
        (
            rules.open_ingress,
            "network",
            without("EndpointSecurityGroup", *INGRESS, "SourceSecurityGroupId"),
        ),
        (
            rules.open_ingress,
            "network",
            setting("EndpointSecurityGroup", *INGRESS, "FromPort", to=0),
        ),
        (
            rules.open_ingress,
            "network",
            setting("EndpointSecurityGroup", *INGRESS, "ToPort", to=8443),
        ),
        (
            rules.open_ingress,
            "network",
            adding("AWS::EC2::SecurityGroupIngress", CidrIp="10.0.0.0/8", FromPort=443, ToPort=443),
        ),
        (rules.firewall, "api", removing("WebAclAssociation")),
        (rules.firewall, "cdn", without("Distribution", "DistributionConfig", "WebACLId")),
        (rules.rate_limit, "cdn", without("WebAcl", "Rules", 1)),
        (rules.rate_limit, "cdn", setting("WebAcl", "Scope", to="REGIONAL")),
    ],
)
def test_a_broken_template_is_found(
    rendered: Rendered, check: Check, layer: str, mutate: Mutation
) -> None:
    assert_found(check, rendered.templates[layer], mutate)


def test_retention_comes_from_its_setting() -> None:
    declared = {"Type": "Number", "Description": "d", "AllowedValues": ["7"]}

    def group(days: Any) -> list[str]:
        of = template(
            {"Days": "retention.cloudwatch_days", "Other": "alarms.count"},
            Resources={
                "Group": {"Type": "AWS::Logs::LogGroup", "Properties": {"RetentionInDays": days}}
            },
            Parameters={"Days": declared, "Other": declared},
        )
        return [problem.message for problem in rules.retention_setting(of)]

    elsewhere = ["RetentionInDays is not the unchanged value of a retention setting"]
    assert group({"Ref": "Days"}) == []
    assert group(7) == elsewhere
    assert group({"Ref": "Other"}) == elsewhere
