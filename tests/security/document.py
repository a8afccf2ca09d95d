"""The generated parts of docs/security.md."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from configparser import ConfigParser
from typing import Any

from tapgen.model.templates.template import Template
from tapgen.payments.platform import PLATFORM
from tapgen.render.rendering import Rendered
from tapgen.render.resolved import resolved_template
from tapgen.review.lint.acceptance import STALE_ID, STALE_NAME, acceptances
from tapgen.review.lint.rules.registry import rules_for
from tapgen.review.lint.rules.rule import Rule, nodes
from tapgen.review.lint.scanners.engine import NOT_ASKED
from tests.generated_parts import code, table
from tests.paths import ROOT
from tests.security.controls import CONTROLS, REQUIREMENTS, Control, Place
from tests.security.stored import STORED_HEAD, stored_rows

OWN_RULES: list[Rule[Any]] = sorted(
    [*rules_for(PLATFORM).templates, *rules_for(PLATFORM).stacks], key=lambda rule: rule.id
)


def parts(rendered: Rendered) -> dict[str, str]:
    """The generated parts as they have to be, by name."""
    return {
        "controls": _controls(rendered),
        "rules": _rules(),
        "scanners": _scanners(),
        "accepted": _accepted(rendered),
        "unasked": _unasked(),
        "data": table(STORED_HEAD, stored_rows(rendered)),
    }


# --- controls -----------------------------------------------------------------------------------


def resources_of(place: Place, templates: Mapping[str, Template]) -> list[str]:
    """Logical ids that the place means; it may be a type."""
    there = templates[place.layer].resources
    if place.is_type:
        return [name for name, resource in there.items() if resource["Type"] == place.resource]
    return [place.resource] if place.resource in there else []


def has_property(resource: Mapping[str, Any], property_: str) -> bool:
    """Whether the resource has the dotted property, whatever lists and conditions are between."""
    wanted = property_.split(".")
    for path, _ in nodes(resource.get("Properties", {})):
        named = iter(map(str, path))
        if path and path[-1] == wanted[-1] and all(step in named for step in wanted):
            return True
    return False


def _controls(rendered: Rendered) -> str:
    used = {number for controls in CONTROLS.values() for c in controls for number in c.requirements}
    asked = [number for number in REQUIREMENTS if number in used]
    sections = [
        table(["requirement", "requires, in our words"], [[n, REQUIREMENTS[n]] for n in asked]),
        *(
            f"### {title}\n\n" + "\n".join(_control(control, rendered) for control in controls)
            for title, controls in CONTROLS.items()
        ),
    ]
    return "\n".join(sections)


def _control(control: Control, rendered: Rendered) -> str:
    numbers = f" *(PCI DSS {', '.join(control.requirements)})*" if control.requirements else ""
    lines = [f"- **{control.title}**{numbers}"]
    for place in control.places:
        names = resources_of(place, rendered.templates)
        lines.append(f"  - {place.layer}: {code(names)} → `{place.property_}`")
    if control.files:
        lines.append(f"  - {code(control.files)}")
    rules = _by_id()
    shown = [f"{check} {rules[check]}" if check in rules else check for check in control.checks]
    if shown:
        lines.append(f"  - shown by {code(shown)}")
    return "".join(f"{line}\n" for line in lines)


def _by_id() -> dict[str, str]:
    own = {rule.id: rule.name for rule in OWN_RULES}
    return own | {STALE_ID: STALE_NAME}


# --- rules and scanners -------------------------------------------------------------------------


def _rules() -> str:
    rows = [[rule.id, rule.name, rule.summary] for rule in OWN_RULES]
    stale = [STALE_ID, STALE_NAME, "Every acceptance is still needed."]
    return table(["id", "name", "requires"], [*rows, stale])


def _scanners() -> str:
    config = ConfigParser()
    config.read(ROOT / "setup.cfg")
    (validate,) = re.findall(
        r"cloudformation-validate == (\S+)", config["options.extras_require"]["policy"]
    )
    (checkov,) = re.findall(r"^checkov == (\S+)", _read(".ci/checkov.in"))
    (registry,) = re.findall(r"ref: ([0-9a-f]{40})", _read(".github/workflows/ci.yml"))
    return table(
        ["scanner", "version", "rules"],
        [
            ["cloudformation-validate", validate, "all of its rules from warning upwards"],
            [
                "Guard, inside it",
                f"registry at `{registry[:12]}`",
                (
                    "all of AWS's Guard rules registry, the PCI DSS set among them; in CI, and "
                    "with `make policy GUARD=<clone>`"
                ),
            ],
            ["checkov", checkov, "all for CloudFormation that come with it"],
        ],
    )


def _read(name: str) -> str:
    return (ROOT / name).read_text()


# --- what is accepted ---------------------------------------------------------------------------


def _accepted(rendered: Rendered) -> str:
    there = _environments(rendered)
    together: dict[tuple[str, str], tuple[set[str], set[str]]] = defaultdict(lambda: (set(), set()))
    for template in rendered.templates.values():
        for one in acceptances(template):
            names, rules = together[one.layer, one.reason]
            names.add(one.logical_id)
            rules.add(one.rule)
    rows = [
        [
            f"{layer}: {code(sorted(names))}",
            code(sorted(rules)),
            reason,
            ", ".join(_in_any(there, layer, names)),
        ]
        for (layer, reason), (names, rules) in together.items()
    ]
    return table(["resource", "rule", "reason", "exists in"], rows)


def _environments(rendered: Rendered) -> dict[str, dict[str, set[str]]]:
    """Environment -> layer -> resources whose conditions hold there."""
    return {
        environment: {stack.layer: set(resolved_template(stack)["Resources"]) for stack in stacks}
        for environment, stacks in rendered.stacks.items()
    }


def _in_any(
    there: Mapping[str, Mapping[str, set[str]]], layer: str, names: set[str]
) -> Iterator[str]:
    found = [env for env, layers in there.items() if names & layers.get(layer, set())]
    yield from found or ["no environment as shipped"]


def _unasked() -> str:
    return table(["rule", "why"], [[f"`{rule}`", why] for rule, why in NOT_ASKED.items()])
