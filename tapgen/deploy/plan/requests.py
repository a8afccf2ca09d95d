"""What CloudFormation is asked for: a stack as a request for a change set."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final

from tapgen.aws.cloudformation.change_sets import IMPORT, ChangeSetRequest
from tapgen.deploy.plan.adoption import import_template
from tapgen.deploy.plan.arguments import change_set_arguments
from tapgen.deploy.target.artifacts import artifacts_bucket
from tapgen.deploy.target.target import Target
from tapgen.errors import TapgenError
from tapgen.model.plan import Adoption
from tapgen.model.stack import Stack
from tapgen.model.templates.template import MAX_TEMPLATE_BODY_BYTES

# Names of change sets that belong to one run; those of plan files end in a mark.
RUN_NAME: Final = re.compile(r"tapgen-[0-9a-f]{16}")


def change_set_request(  # noqa: PLR0913, PLR0917 - what a change set is made of
    target: Target,
    stack: Stack,
    kind: str,
    parameters: Mapping[str, str],
    adoptions: tuple[Adoption, ...] = (),
    mark: str = "",
) -> ChangeSetRequest:
    """The request for a change set of the stack, named by its content and `mark`."""
    text = request_template(stack, adoptions)
    tags = request_tags(stack, kind)
    imports = [_import(adoption) for adoption in adoptions]
    options = change_set_arguments(target, stack, kind)
    content = json.dumps([kind, text, dict(parameters), tags, imports, options], sort_keys=True)
    return ChangeSetRequest(
        stack_name=stack.name,
        name=f"tapgen-{sha256(content.encode()).hexdigest()[:16]}{mark}",
        kind=kind,
        template=_template_argument(target, stack, text),
        parameters=parameters,
        tags=tags,
        capabilities=stack.template.capabilities,
        imports=imports,
        options=options,
    )


def request_template(stack: Stack, adoptions: tuple[Adoption, ...]) -> str:
    """The template that goes into the request: reduced to what is adopted, if anything is."""
    return import_template(stack.template, adoptions) if adoptions else stack.template.text


def request_tags(stack: Stack, kind: str) -> dict[str, str]:
    """The tags of the request. An import may not set them; the update that follows it does."""
    return {} if kind == IMPORT else dict(stack.tags)


def _import(adoption: Adoption) -> dict[str, Any]:
    return {
        "ResourceType": adoption.resource_type,
        "LogicalResourceId": adoption.logical_id,
        "ResourceIdentifier": {adoption.identifier_name: adoption.identifier},
    }


def _template_argument(target: Target, stack: Stack, text: str) -> dict[str, str]:
    size = len(text.encode())
    if size <= MAX_TEMPLATE_BODY_BYTES:
        return {"TemplateBody": text}
    artifacts = artifacts_bucket(target)
    if artifacts is None:
        where = target.platform.artifacts
        raise TapgenError(
            f"the template of {stack.layer} has {size} bytes; above {MAX_TEMPLATE_BODY_BYTES} it "
            "has to be in the artifacts bucket, which does not exist yet",
            f"Deploy the layer {where.layer} first, or make the template smaller."
            if where
            else "Make the template smaller: the platform has no bucket for artifacts.",
        )
    key = f"templates/{sha256(text.encode()).hexdigest()}.json"
    artifacts.put(key, text.encode())
    return {"TemplateURL": artifacts.url(key)}
