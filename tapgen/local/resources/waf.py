"""WAFv2: associations, logging configurations, custom response bodies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tapgen.local.caller import call
from tapgen.local.internals.records import set_response_bodies
from tapgen.local.provisioner import Extension, Properties, Provisioned, Provisioner, only

if TYPE_CHECKING:
    from collections.abc import Iterator

_SPELLINGS = frozenset({"SearchString", "SearchStringBase64"})


def _associate(properties: Properties) -> Provisioned:
    pair = only(properties, "WebACLArn", "ResourceArn")
    call("wafv2", "AssociateWebACL", **pair)
    return f"{pair['ResourceArn']}|{pair['WebACLArn']}", {}


def _disassociate(_identifier: str, properties: Properties) -> None:
    """Remove an association, unless its replacement has already set a different web ACL."""
    resource = properties["ResourceArn"]
    current = call("wafv2", "GetWebACLForResource", ResourceArn=resource)["WebACL"]
    if current["ARN"] == properties["WebACLArn"]:
        call("wafv2", "DisassociateWebACL", ResourceArn=resource)


def _put_logging(properties: Properties) -> Provisioned:
    configuration = only(
        properties, "ResourceArn", "LogDestinationConfigs", "RedactedFields", "LoggingFilter"
    )
    call("wafv2", "PutLoggingConfiguration", LoggingConfiguration=configuration)
    return properties["ResourceArn"], {"ManagedByFirewallManager": False}


def _update_logging(_identifier: str, _old: Properties, new: Properties) -> Provisioned:
    return _put_logging(new)


def _delete_logging(identifier: str, _properties: Properties) -> None:
    call("wafv2", "DeleteLoggingConfiguration", ResourceArn=identifier)


def _search_once(_old: Properties, new: Properties) -> None:
    """The message is from aws-cloudformation/cloudformation-coverage-roadmap#2537."""
    if any(part.keys() >= _SPELLINGS for part in _mappings(new.get("Rules", []))):
        raise ValueError(f"You must only specify exactly one of {' and '.join(sorted(_SPELLINGS))}")


def _mappings(document: Any) -> Iterator[dict[str, Any]]:
    if isinstance(document, dict):
        yield document
        document = list(document.values())
    for part in document if isinstance(document, list) else ():
        yield from _mappings(part)


def _set_bodies(identifier: str, _old: Properties, new: Properties) -> None:
    """Ref is `<name>|<id>|<scope>`."""
    set_response_bodies(identifier.split("|")[1], new.get("CustomResponseBodies", {}))


PROVISIONERS = (
    Extension(type="AWS::WAFv2::WebACL", check=_search_once, apply=_set_bodies),
    Provisioner(
        type="AWS::WAFv2::WebACLAssociation",
        create=_associate,
        delete=_disassociate,
    ),
    Provisioner(
        type="AWS::WAFv2::LoggingConfiguration",
        create=_put_logging,
        update=_update_logging,
        delete=_delete_logging,
    ),
)
