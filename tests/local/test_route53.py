"""Route 53: what a zone holds survives its stack; records, health checks and tags follow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.local.conftest import Account

RECORD = {"Name": "api.example.com.", "Type": "A", "TTL": 60}


def tagged(**tags: str) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def own(tags: list[dict[str, str]]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in tags if not tag["Key"].startswith("aws:")}


def zone(comment: str, **tags: str) -> dict[str, Any]:
    return {
        "Zone": {
            "Type": "AWS::Route53::HostedZone",
            "DeletionPolicy": "Retain",
            "Properties": {
                "Name": "example.com",
                "HostedZoneConfig": {"Comment": comment},
                "HostedZoneTags": tagged(**tags),
            },
        }
    }


def importing(identifier: str) -> dict[str, Any]:
    return {
        "ChangeSetType": "IMPORT",
        "ResourcesToImport": [
            {
                "ResourceType": "AWS::Route53::HostedZone",
                "LogicalResourceId": "Zone",
                "ResourceIdentifier": {"Id": identifier},
            }
        ],
    }


OUTPUTS = {
    "Zone": {"Ref": "Zone"},
    "Servers": {"Fn::Join": [",", {"Fn::GetAtt": ["Zone", "NameServers"]}]},
}


def test_a_retained_zone_is_imported_with_its_records_and_then_updated(account: Account) -> None:
    route53 = account.client("route53")
    made = account.deploy("zone", zone("first", a="1", b="1"), outputs=OUTPUTS)["Outputs"]
    described = route53.get_hosted_zone(Id=made["Zone"])
    servers = [name.rstrip(".") for name in described["DelegationSet"]["NameServers"]]
    assert made["Servers"].split(",") == servers
    record = {**RECORD, "ResourceRecords": [{"Value": "192.0.2.1"}]}
    change = {"Changes": [{"Action": "CREATE", "ResourceRecordSet": record}]}
    route53.change_resource_record_sets(HostedZoneId=made["Zone"], ChangeBatch=change)
    assert account.delete("zone")["StackStatus"] == "DELETE_COMPLETE"

    refused = account.change_set("zone", zone("first"), **importing("ZABSENT"))
    assert refused["Status"] == "FAILED"
    assert "ZABSENT' was not found" in refused["StatusReason"]
    adopted = account.deploy("zone", zone("first", a="1", b="1"), **importing(made["Zone"]))
    assert adopted["StackStatus"] == "IMPORT_COMPLETE", account.reasons("zone")
    updated = account.deploy("zone", zone("second", b="2"), outputs=OUTPUTS)
    assert updated["StackStatus"] == "UPDATE_COMPLETE", account.reasons("zone")
    assert updated["Outputs"] == made

    assert route53.get_hosted_zone(Id=made["Zone"])["HostedZone"]["Config"]["Comment"] == "second"
    tags = route53.list_tags_for_resource(ResourceType="hostedzone", ResourceId=made["Zone"])
    assert own(tags["ResourceTagSet"]["Tags"]) == {"b": "2"}
    records = route53.list_resource_record_sets(HostedZoneId=made["Zone"])["ResourceRecordSets"]
    assert record in records


def test_an_imported_zone_gives_its_name_servers_without_an_update_of_it(account: Account) -> None:
    made = account.deploy("zone", zone("same"), outputs=OUTPUTS)["Outputs"]
    account.delete("zone")
    account.deploy("zone", zone("same"), **importing(made["Zone"]))
    topic = {"Topic": {"Type": "AWS::SNS::Topic"}}
    updated = account.deploy("zone", {**zone("same"), **topic}, outputs=OUTPUTS)
    assert updated["Outputs"] == made


def test_a_zone_with_records_in_it_is_not_deleted(account: Account) -> None:
    resources = zone("full")
    del resources["Zone"]["DeletionPolicy"]
    made = account.deploy("zone", resources, outputs=OUTPUTS)["Outputs"]
    route53 = account.client("route53")
    record = {**RECORD, "ResourceRecords": [{"Value": "192.0.2.1"}]}

    def change(action: str) -> None:
        changes = {"Changes": [{"Action": action, "ResourceRecordSet": record}]}
        route53.change_resource_record_sets(HostedZoneId=made["Zone"], ChangeBatch=changes)

    change("CREATE")
    assert account.delete("zone")["StackStatus"] == "DELETE_FAILED"
    assert "record sets other than" in account.reasons("zone")["Zone"]
    change("DELETE")
    assert account.delete("zone")["StackStatus"] == "DELETE_COMPLETE"


def test_records_and_health_checks(account: Account) -> None:
    route53 = account.client("route53")

    def resources(address: str, port: str, **tags: str) -> dict[str, Any]:
        return {
            "Zone": {"Type": "AWS::Route53::HostedZone", "Properties": {"Name": "example.com"}},
            "Records": {
                "Type": "AWS::Route53::RecordSetGroup",
                "Properties": {
                    "HostedZoneId": {"Ref": "Zone"},
                    "RecordSets": [
                        {
                            "Name": "api.example.com.",
                            "Type": "A",
                            "TTL": "60",
                            "ResourceRecords": [address],
                        }
                    ],
                },
            },
            "Check": {
                "Type": "AWS::Route53::HealthCheck",
                "Properties": {
                    "HealthCheckConfig": {
                        "Type": "HTTPS",
                        "FullyQualifiedDomainName": "api.example.com",
                        "Port": port,
                    },
                    "HealthCheckTags": tagged(**tags),
                },
            },
        }

    outputs = {"Zone": {"Ref": "Zone"}, "Check": {"Ref": "Check"}, "Group": {"Ref": "Records"}}
    first = account.deploy("dns", resources("192.0.2.1", "443", a="1"), outputs=outputs)
    identifier = first["Outputs"]["Check"]

    def tags() -> dict[str, str]:
        found = route53.list_tags_for_resource(ResourceType="healthcheck", ResourceId=identifier)
        return own(found["ResourceTagSet"]["Tags"])

    assert tags() == {"a": "1"}
    second = account.deploy("dns", resources("192.0.2.2", "8443", b="2"), outputs=outputs)
    assert tags() == {"b": "2"}
    account.deploy("dns", resources("192.0.2.3", "8443", b="2"), outputs=outputs)
    third = account.deploy("dns", resources("192.0.2.2", "8443"), outputs=outputs)
    assert first["Outputs"] == second["Outputs"] == third["Outputs"]
    records = route53.list_resource_record_sets(HostedZoneId=first["Outputs"]["Zone"])
    addresses = [
        record["ResourceRecords"][0]["Value"]
        for record in records["ResourceRecordSets"]
        if record["Type"] == "A"
    ]
    check = route53.get_health_check(HealthCheckId=identifier)["HealthCheck"]
    assert addresses == ["192.0.2.2"]
    assert check["HealthCheckConfig"]["Port"] == 8443
    assert tags() == {}
    assert account.delete("dns")["StackStatus"] == "DELETE_COMPLETE"


def test_a_certificate_is_issued_with_records_in_the_zone(account: Account) -> None:
    resources = {
        "Zone": {"Type": "AWS::Route53::HostedZone", "Properties": {"Name": "example.com"}},
        "Certificate": {
            "Type": "AWS::CertificateManager::Certificate",
            "Properties": {
                "DomainName": "api.example.com",
                "ValidationMethod": "DNS",
                "DomainValidationOptions": [
                    {"DomainName": "api.example.com", "HostedZoneId": {"Ref": "Zone"}}
                ],
            },
        },
    }
    made = account.deploy("certificate", resources, outputs={"Arn": {"Ref": "Certificate"}})
    found = account.client("acm").describe_certificate(CertificateArn=made["Outputs"]["Arn"])
    assert found["Certificate"]["Status"] == "ISSUED"
