"""Requests for change sets: a stack as arguments of CreateChangeSet."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final

from tapgen.aws.cloudformation.change_sets import CREATE, IMPORT, ChangeSetRequest
from tapgen.deploy.adopt.adoption import NOT_THERE, Deployed, import_template, shell_template
from tapgen.deploy.plan.arguments import change_set_arguments
from tapgen.deploy.target.artifacts import artifacts_bucket
from tapgen.deploy.target.target import Target
from tapgen.errors import TapgenError
from tapgen.model.changes.secrets import unknown_values
from tapgen.model.plan import Adoption
from tapgen.model.stack import Stack
from tapgen.model.templates.template import MAX_TEMPLATE_BODY_BYTES, Template, dense
from tapgen.review.schemas import identifying

# Names of change sets that belong to one run; those of plan files have a suffix.
RUN_NAME: Final = re.compile(r"tapgen-[0-9a-f]{16}")


def change_set_request(  # noqa: PLR0913, PLR0917 - what a change set is made of
    target: Target,
    stack: Stack,
    kind: str,
    parameters: Mapping[str, str],
    adoptions: tuple[Adoption, ...] = (),
    mark: str = "",
    deployed: Deployed = NOT_THERE,
) -> ChangeSetRequest:
    """The request for a change set of the stack, named by its content and `mark`.

    `deployed` is the stack that adopts, if it already exists.
    """
    text = request_template(stack, kind, parameters, adoptions, deployed)
    tags = request_tags(stack, kind)
    imports = [_import(adoption) for adoption in adoptions] if kind == IMPORT else []
    options = change_set_arguments(target, stack, kind)
    values = request_parameters(kind, parameters, adoptions, deployed)
    # AWS does not return the values of secret parameters, but it can keep them.
    if kept := {*deployed.parameters, *unknown_values(stack.template, values)}:
        options["Parameters"] = [
            {"ParameterKey": name, "UsePreviousValue": True}
            if name in kept
            else {"ParameterKey": name, "ParameterValue": value}
            for name, value in sorted(values.items())
        ]
    content = json.dumps([kind, text, dict(values), tags, imports, options], sort_keys=True)
    return ChangeSetRequest(
        stack_name=stack.name,
        name=f"tapgen-{sha256(content.encode()).hexdigest()[:16]}{mark}",
        kind=kind,
        template=_template_argument(target, stack, text),
        parameters=values,
        tags=tags,
        capabilities=Template(stack.layer, text).capabilities,
        imports=imports,
        options=options,
    )


def request_template(
    stack: Stack,
    kind: str,
    parameters: Mapping[str, str],
    adoptions: tuple[Adoption, ...],
    deployed: Deployed = NOT_THERE,
) -> str:
    """The template of the request.

    For an import it is the `deployed` template with the adopted resources; before one, the template
    that creates an empty stack.
    """
    if not adoptions:
        return stack.template.text
    if kind == CREATE:
        return shell_template()
    return import_template(stack, parameters, adoptions, deployed)


def request_parameters(
    kind: str,
    parameters: Mapping[str, str],
    adoptions: tuple[Adoption, ...],
    deployed: Deployed = NOT_THERE,
) -> dict[str, str]:
    """The parameter values for the template of the request."""
    if adoptions and kind == CREATE:
        return {}
    return {**parameters, **deployed.parameters}


def request_tags(stack: Stack, kind: str) -> dict[str, str]:
    """The tags of the request. An import must not set tags; the update after it does."""
    return {} if kind == IMPORT else dict(stack.tags)


def _import(adoption: Adoption) -> dict[str, Any]:
    return {
        "ResourceType": adoption.resource_type,
        "LogicalResourceId": adoption.logical_id,
        "ResourceIdentifier": identifying(adoption.resource_type, adoption.identifier),
    }


def _template_argument(target: Target, stack: Stack, text: str) -> dict[str, str]:
    if len(text.encode()) <= MAX_TEMPLATE_BODY_BYTES:
        return {"TemplateBody": text}
    small = dense(text)
    size = len(small.encode())
    if size <= MAX_TEMPLATE_BODY_BYTES:
        return {"TemplateBody": small}
    artifacts = artifacts_bucket(target) or target.staging
    if artifacts is None:
        where = target.platform.artifacts
        raise TapgenError(
            f"the template of {stack.layer} has {size} bytes; above {MAX_TEMPLATE_BODY_BYTES} it "
            "must be uploaded to the artifacts bucket, which does not exist yet",
            f"Deploy the layer {where.layer} first, or make the template smaller."
            if where
            else "Make the template smaller: the platform has no bucket for artifacts.",
        )
    key = f"templates/{sha256(text.encode()).hexdigest()}.json"
    artifacts.put(key, text.encode())
    return {"TemplateURL": artifacts.url(key)}
