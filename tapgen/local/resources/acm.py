"""ACM: the first name of a certificate must fit into its common name."""

from __future__ import annotations

from tapgen.local.provisioner import Extension, Properties

_CHARACTERS = 64


def _check(_old: Properties, new: Properties) -> None:
    """ACM user guide, "Request a public certificate", which is the source of the message."""
    if len(new["DomainName"]) > _CHARACTERS:
        raise ValueError(
            "The length of the domain name cannot exceed 64 octets (characters), including periods."
        )


PROVISIONERS = (Extension(type="AWS::CertificateManager::Certificate", check=_check),)
