"""The TLS certificate of the domain, for CloudFront and therefore in us-east-1.

ACM creates the validation records in the zone itself, and renews the certificate as long as they
exist. The stack waits until the domain is validated, which needs a working delegation. tapgen
checks the delegation first, and the wait has a deadline (`certificate.wait_minutes`).
"""

from __future__ import annotations

from troposphere import Ref
from troposphere.certificatemanager import Certificate, DomainValidationOption

from tapgen.payments.layers.blueprint import Blueprint
from tapgen.payments.limits import DOMAIN, HOSTED_ZONE_ID


def build() -> Blueprint:
    """One certificate for one name."""
    blueprint = Blueprint("certificate", "TLS certificate of the domain, validated through DNS.")
    domain = blueprint.text("DomainName", "domain", "Domain of the site.", pattern=DOMAIN)
    zone = blueprint.input(
        "HostedZoneId", "Hosted zone for the validation record.", pattern=HOSTED_ZONE_ID
    )
    certificate = blueprint.add(
        Certificate(
            "Certificate",
            DomainName=domain,
            ValidationMethod="DNS",
            DomainValidationOptions=[DomainValidationOption(DomainName=domain, HostedZoneId=zone)],
            KeyAlgorithm="EC_prime256v1",
            # Browsers reject certificates that are not in a transparency log.
            CertificateTransparencyLoggingPreference="ENABLED",
        )
    )
    blueprint.output("CertificateArn", Ref(certificate), "ARN of the validated certificate.")
    return blueprint.finish()
