"""An API Gateway deployment that is really new whenever the API's definition is.

A deployment is a snapshot: changing a method alone changes nothing that clients see. The logical
id carries a hash of the definition, so a changed API brings a new snapshot; CloudFormation moves
the stage to it and deletes the old one last, which also makes a rollback safe.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any, Final

from troposphere import Ref
from troposphere.apigateway import Deployment

from tapgen.layers.blueprint import Blueprint

_DEFINITION: Final = frozenset(
    f"AWS::ApiGateway::{kind}"
    for kind in ("GatewayResponse", "Method", "Model", "RequestValidator", "Resource", "RestApi")
)


def deployment(blueprint: Blueprint, api: Any, after: Sequence[str]) -> Deployment:
    """Add the deployment of everything defined so far; `after` are the ids it has to wait for.

    Call it when the definition is complete: what comes later is not in the snapshot.
    """
    return blueprint.add(
        Deployment(
            f"Deployment{_fingerprint(blueprint)}", DependsOn=sorted(after), RestApiId=Ref(api)
        )
    )


def _fingerprint(blueprint: Blueprint) -> str:
    definition = {
        title: resource.to_dict()["Properties"]
        for title, resource in blueprint.template.resources.items()
        if resource.resource_type in _DEFINITION
    }
    text = json.dumps(definition, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]
