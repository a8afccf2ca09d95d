from collections.abc import Callable
from typing import Any

Template = dict[str, Any]


def test_5_dns_points_at_the_real_distribution(template: Callable[[str], Template]) -> None:
    records = template("dns")["Resources"]
    assert {record["Properties"]["Type"] for record in records.values()} == {"A", "AAAA"}
    for record in records.values():
        assert record["Type"] == "AWS::Route53::RecordSet"
        assert record["Properties"]["HostedZoneId"] == {"Ref": "HostedZoneId"}
        assert record["Properties"]["Name"] == {"Ref": "DomainName"}
        assert record["Properties"]["AliasTarget"] == {
            "DNSName": {"Ref": "DistributionDomainName"},
            "HostedZoneId": "Z2FDTNDATAQYW2",
            "EvaluateTargetHealth": False,
        }


def test_the_distribution_is_another_layers_output(template: Callable[[str], Template]) -> None:
    dns = template("dns")
    assert "Default" not in dns["Parameters"]["DistributionDomainName"]
    assert "DistributionDomainName" not in dns["Metadata"]["tapgen"]["Settings"]
