"""API Gateway deployments: a new one for each change of the API's definition.

A deployment is a snapshot: changing only a method changes nothing for clients. The logical id
contains a hash of the definition, so a changed API has a new snapshot. CloudFormation moves the
stage to it and deletes the old one last, which also makes a rollback safe.

The hash covers only templates. A condition on a parameter needs a deployment for each of its
values, so that the stage moves when the parameter changes. Values of parameters are in the stage's
variables, see `stage_variables`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from troposphere import Condition as Is
from troposphere import If, Not, Ref
from troposphere.apigateway import Deployment

from tapgen.model.templates.snapshots import frozen_properties
from tapgen.payments.layers.blueprint import Blueprint


def deployment(blueprint: Blueprint, api: Any, after: Sequence[str], switch: str) -> If:
    """Add a deployment of everything defined so far for each side of the condition `switch`.

    Returns a reference to the one that applies. Both wait for the ids in `after`. Call it when the
    definition is complete: later additions are not in the snapshot.
    """
    fingerprint = _fingerprint(blueprint)
    off = blueprint.condition(f"Not{switch}", Not(Is(switch)))
    snapshots = [
        blueprint.add(
            Deployment(
                f"{side}Deployment{fingerprint}",
                Condition=condition,
                DependsOn=sorted(after),
                RestApiId=Ref(api),
            )
        )
        for side, condition in (("", switch), ("Open", off))
    ]
    return If(switch, *(Ref(snapshot) for snapshot in snapshots))


def _fingerprint(blueprint: Blueprint) -> str:
    definition = {
        title: frozen
        for title, resource in blueprint.template.resources.items()
        if (frozen := frozen_properties(resource.to_dict()))
    }
    text = json.dumps(definition, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]
