"""CloudFront: an alias belongs to only one distribution worldwide, and needs a certificate."""

from __future__ import annotations

from tapgen.local.internals.routing import distribution_owner
from tapgen.local.provisioner import Extension, Properties

_CERTIFICATES = frozenset({"AcmCertificateArn", "IamCertificateId"})


def _check(old: Properties, new: Properties) -> None:
    """CloudFront API reference, InvalidViewerCertificate and CNAMEAlreadyExists."""
    certificate = new.get("DistributionConfig", {}).get("ViewerCertificate", {})
    if _aliases(new) and not certificate.keys() & _CERTIFICATES:
        raise ValueError(
            "Invalid request provided: AWS::CloudFront::Distribution: To add an alternate domain "
            "name (CNAME) to a CloudFront distribution, you must attach a trusted certificate that "
            "validates your authorization to use the domain name. (Service: CloudFront, Status "
            "Code: 400, InvalidViewerCertificate)"
        )
    if any(map(distribution_owner, _aliases(new) - _aliases(old))):
        raise ValueError(
            "Invalid request provided: AWS::CloudFront::Distribution: One or more of the CNAMEs "
            "you provided are already associated with a different resource. (Service: CloudFront, "
            "Status Code: 409, CNAMEAlreadyExists)"
        )


def _aliases(properties: Properties) -> set[str]:
    config = properties.get("DistributionConfig", {})
    return {alias.lower() for alias in config.get("Aliases", [])}


PROVISIONERS = (Extension(type="AWS::CloudFront::Distribution", check=_check),)
