from __future__ import annotations

from typing import Any

import pytest

from tapgen.render.rendering import Rendered
from tapgen.review.lint.rules import (
    names,
)
from tests.review.lint.rules.shipped import (
    Check,
    Mutation,
    assert_found,
    setting,
    without,
)
from tests.review.lint.rules.stubs import found, stack, template

ORIGIN = ("DistributionConfig", "Origins", 0)


@pytest.mark.parametrize(
    ("check", "layer", "mutate"),
    [
        (names.zone_delegation, "zone", lambda document: document["Outputs"].pop("NameServers")),
        (
            names.certificate_validation,
            "certificate",
            setting("Certificate", "ValidationMethod", to="EMAIL"),
        ),
        (names.certificate_validation, "certificate", without("Certificate", "ValidationMethod")),
        (
            names.certificate_validation,
            "certificate",
            without("Certificate", "DomainValidationOptions"),
        ),
        (
            names.certificate_validation,
            "certificate",
            without("Certificate", "DomainValidationOptions", 0, "HostedZoneId"),
        ),
        (
            names.real_target,
            "dns",
            setting("AliasIpv4", "AliasTarget", "DNSName", to="d1.cloudfront.net"),
        ),
        (
            names.real_target,
            "cdn",
            setting("Distribution", *ORIGIN, "DomainName", to="example.com"),
        ),
    ],
)
def test_a_broken_template_is_found(
    rendered: Rendered, check: Check, layer: str, mutate: Mutation
) -> None:
    assert_found(check, rendered.templates[layer], mutate)


def test_name_length() -> None:
    of = template(
        Resources={"Q": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "q" * 81}}}
    )
    messages = [one.message for one in found(of, stack(of)) if one.name == "name-length"]
    assert messages == [f"QueueName {'q' * 81} has 81 characters, the limit is 80"]


def test_what_a_layer_takes_of_another_is_an_input() -> None:
    policy = {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": {"Fn::ImportValue": "x"}}}
    (one,) = names.unseen_import(template(Resources={"Topic": policy}))
    assert one.path == ("Resources", "Topic", "Properties", "DisplayName", "Fn::ImportValue")
    assert "make it a parameter, and an input" in one.message
    assert [*names.unseen_import(template())] == []


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("topic", 1),
        ({"Fn::Sub": "${Size}-topic"}, 1),
        ({"Fn::Sub": "${Prefix}-topic"}, 0),
        ({"Fn::Join": ["-", [{"Ref": "Name"}, "topic"]]}, 0),
        ({"Fn::Sub": "${AWS::StackName}-topic"}, 0),
    ],
)
def test_the_name_of_an_export_is_that_of_one_environment(name: Any, found: int) -> None:
    of = template(
        {"Prefix": "prefix", "Name": "name", "Size": "size"},
        Outputs={"Topic": {"Value": "x", "Export": {"Name": name}}, "Other": {"Value": "x"}},
    )
    problems = [*names.shared_export(of)]
    assert [problem.path for problem in problems] == [("Outputs", "Topic", "Export")] * found
