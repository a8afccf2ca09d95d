from collections.abc import Callable
from typing import Any

Template = dict[str, Any]


def test_acm_validates_the_domain_by_a_record_it_writes_into_the_zone(
    template: Callable[[str], Template],
) -> None:
    certificate = template("certificate")["Resources"]["Certificate"]["Properties"]
    assert {name: value for name, value in certificate.items() if name != "Tags"} == {
        "DomainName": {"Ref": "DomainName"},
        "ValidationMethod": "DNS",
        "DomainValidationOptions": [
            {"DomainName": {"Ref": "DomainName"}, "HostedZoneId": {"Ref": "HostedZoneId"}}
        ],
        "KeyAlgorithm": "EC_prime256v1",
        "CertificateTransparencyLoggingPreference": "ENABLED",
    }
