"""Rules about names: zones, certificates, targets of records and origins, exports."""

from __future__ import annotations

from tapgen.model.templates.intrinsics import references
from tapgen.model.templates.template import Template
from tapgen.review.declared import long_names
from tapgen.review.lint.rules.rule import (
    Placement,
    Problem,
    Problems,
    effective_nodes,
    nodes,
    resources,
)


def zone_delegation(template: Template) -> Problems:
    """A hosted zone can be delegated to."""
    told = [
        value["Fn::GetAtt"]
        for _, value in nodes(template.outputs)
        if isinstance(value, dict) and "Fn::GetAtt" in value
    ]
    for path, _ in resources(template, "AWS::Route53::HostedZone"):
        if [path[1], "NameServers"] not in told:
            message = "no output has its name servers: declare one, so that the parent can delegate"
            yield Problem(path, message)


def certificate_validation(template: Template) -> Problems:
    """Certificates are validated automatically."""
    for path, properties in resources(template, "AWS::CertificateManager::Certificate"):
        options = properties.get("DomainValidationOptions", [])
        in_zones = bool(options) and all("HostedZoneId" in option for option in options)
        if properties.get("ValidationMethod") != "DNS" or not in_zones:
            message = "is not validated automatically: use DNS, and name the hosted zone"
            yield Problem(path, message)


def real_target(template: Template) -> Problems:
    """Records and origins refer to resources that exist."""
    for path, value in effective_nodes(template):
        alias = path[-2:] == ("AliasTarget", "DNSName")
        origin = path[-1] == "DomainName" and "Origins" in path
        if (alias or origin) and not isinstance(value, dict):
            yield Problem(path, f"points to {value}: reference the resource instead")


def name_length(placement: Placement) -> Problems:
    """No name is longer than AWS allows."""
    for logical_id, property_, fault in long_names(placement.stack):
        path = ("Resources", logical_id, "Properties", property_)
        yield Problem(path, f"{property_} {fault}")


def unseen_import(template: Template) -> Problems:
    """A value from another layer is an input."""
    for path, _ in effective_nodes(template):
        if path[-1] == "Fn::ImportValue":
            message = "imports a value that neither the order of layers nor a plan shows"
            yield Problem(path, f"{message}: make it a parameter, and an input of the layer")


def shared_export(template: Template) -> Problems:
    """Exports of two environments do not collide.

    The name of an export is unique within an account and a region.
    """
    own = {template.parameter_of("prefix"), template.parameter_of("name"), "AWS::StackName"}
    for name, output in template.outputs.items():
        export = output.get("Export")
        if isinstance(export, dict) and not own & references(export.get("Name")):
            message = (
                "its name lacks the environment's prefix, so another environment in the account "
                "would export the same name"
            )
            yield Problem(("Outputs", name, "Export"), message)
