"""The whole template."""

from __future__ import annotations

from typing import Final

from tapgen.model.limits import RECORD_NAME, or_empty
from tapgen.model.templates.template import Template
from tapgen.render.blueprint import Blueprint
from tapgen.render.bootstrap.approvals import add_approvals
from tapgen.render.bootstrap.ledger import add_ledger
from tapgen.render.bootstrap.roles import Documents, add_roles
from tapgen.render.bootstrap.trust import Ci, add_provider
from tapgen.render.sources.drafts import template_of

LAYER: Final = "bootstrap"
"""The end of the stack's name, and the layer in the tags of its resources."""


def bootstrap_template(ci: Ci, documents: Documents, *, with_records: bool) -> Template:
    """The template, the same bytes for every environment of the project.

    `with_records` is whether policies name the environment's DNS records.
    """
    blueprint = Blueprint(
        LAYER, "Roles to review, deploy and approve; ledger; approval key.", bounds_roles=False
    )
    blueprint.prefix()
    blueprint.environment()
    if with_records:
        blueprint.several(
            "RecordNames",
            "bootstrap.record_names",
            "Name patterns of the environment's DNS records.",
            pattern=or_empty(RECORD_NAME),
        )
    add_provider(blueprint, ci)
    add_ledger(blueprint)
    add_approvals(blueprint)
    add_roles(blueprint, ci, documents)
    return template_of(LAYER, blueprint.finish().document())
