from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tapgen.model.templates.template import Template
from tapgen.review.lint.rules.rule import Problem, Rule, effective_nodes

# Property of a distribution -> what it may be (CloudFront guide, "Supported protocols and
# ciphers between viewers and CloudFront").
_ALLOWED: dict[str, tuple[Any, ...]] = {
    "MinimumProtocolVersion": ("TLSv1.2_2021", "TLSv1.2_2025", "TLSv1.3_2025"),
    "OriginProtocolPolicy": ("https-only",),
    "OriginSSLProtocols": (["TLSv1.2"],),
    "ViewerProtocolPolicy": ("https-only",),
}
_DEMANDS = {
    "AcmCertificateArn": "MinimumProtocolVersion",
    "OriginProtocolPolicy": "OriginSSLProtocols",
    "TargetOriginId": "ViewerProtocolPolicy",
}


def _check(template: Template) -> Iterator[Problem]:
    for path, value in effective_nodes(template):
        name = str(path[-1])
        if name in _ALLOWED and value not in _ALLOWED[name]:
            yield Problem(path, f"{name} is {value}, not {_ALLOWED[name][0]} or newer")
        if isinstance(value, dict):
            for beside, wanted in _DEMANDS.items():
                if beside in value and wanted not in value:
                    yield Problem(path, f"leaves {wanted} to a default that is older than TLS 1.2")


RULE = Rule("T025", "tls-version", "error", "Nobody is answered below TLS 1.2.", _check)
