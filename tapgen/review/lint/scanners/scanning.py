"""Running the scanners on every stack."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from tapgen.render.packages import sources_of
from tapgen.render.rendering import Rendered
from tapgen.render.resolved import resolved_template
from tapgen.review.lint.acceptance import judged
from tapgen.review.lint.at_source import at_source
from tapgen.review.lint.findings import Finding, merged
from tapgen.review.lint.rule_ids import CHECKOV, ENGINE, GUARD
from tapgen.review.lint.scanners.checkov import checkov_findings
from tapgen.review.lint.scanners.engine import Engine


def scan(
    rendered: Rendered,
    folder: str,
    *,
    guard: Sequence[Path] = (),
    checkov: Path | None = None,
    complete: bool = True,
) -> tuple[Finding, ...]:
    """The findings of the validator in each resolved stack, and those of checkov's report.

    `guard` names files and folders of Guard rules, `checkov` a report about the files that
    `tapgen render --resolved` wrote. `complete` means that `rendered` has all environments, so
    that an acceptance which none of them needs is stale.

    Raises the errors of `Engine` and `checkov_findings`.
    """
    engine = Engine(guard)
    resolved = [
        (stack, resolved_template(stack)) for stacks in rendered.stacks.values() for stack in stacks
    ]
    found = [
        finding
        for stack, document in resolved
        for finding in engine.findings(stack, json.dumps(document), folder)
    ]
    patterns = [ENGINE, *([GUARD] if guard else [])]
    if checkov:
        resources = sum(len(document["Resources"]) for _, document in resolved)
        found += checkov_findings(checkov, rendered.templates, resources, folder)
        patterns.append(CHECKOV)

    def asked(rule: str) -> bool:
        return any(pattern.fullmatch(rule) for pattern in patterns)

    left = judged(found, rendered.templates, folder, asked if complete else None)
    return merged(at_source(left, rendered, folder), sources_of(rendered.platform))
