from __future__ import annotations

from collections.abc import Iterator

from tapgen.model.templates.template import Template
from tapgen.review.lint.rules.rule import Problem, Rule, resources


def _check(template: Template) -> Iterator[Problem]:
    for path, properties in resources(template, "AWS::CertificateManager::Certificate"):
        options = properties.get("DomainValidationOptions", [])
        in_zones = bool(options) and all("HostedZoneId" in option for option in options)
        if properties.get("ValidationMethod") != "DNS" or not in_zones:
            message = "waits for somebody to prove the domain: validate by records in a hosted zone"
            yield Problem(path, message)


RULE = Rule(
    "T021", "certificate-validation", "error", "Certificates are validated without people.", _check
)
