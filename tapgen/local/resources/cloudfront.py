"""CloudFront: an alias belongs to one distribution in the world."""

from __future__ import annotations

from tapgen.local.internals.routing import distribution_owner
from tapgen.local.provisioner import Extension, Properties


def _check(old: Properties, new: Properties) -> None:
    """CloudFront API reference, CreateDistribution, CNAMEAlreadyExists."""
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
