"""checkov's report: its dependencies conflict with tapgen's, so it is run separately."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any, Final

from tapgen.errors import TapgenError
from tapgen.model.templates.positions import locate
from tapgen.model.templates.template import Template
from tapgen.render.files import read
from tapgen.review.lint.findings import Finding

_HOW: Final = (
    "`tapgen render --resolved DIR`, then `checkov --directory DIR --framework cloudformation "
    "--skip-download --soft-fail --output json > FILE`."
)


def checkov_findings(
    path: Path, templates: Mapping[str, Template], resources: int, folder: str
) -> Iterator[Finding]:
    """Yield the findings of checkov's JSON report about resolved files with `resources` resources.

    Raises `TapgenError` if the file is not such a report, if checkov could not read some files, or
    if it counts another number of resources: then it is about other files, or not about all.
    """
    summary, failed = _report(path)
    if summary.get("parsing_errors") != 0:
        hint = f"Read `parsing_errors` in {path}, then write the report again: {_HOW}"
        raise TapgenError(f"{path}: checkov could not read all files", hint)
    if summary.get("resource_count") != resources:
        raise TapgenError(
            f"{path} is about {summary.get('resource_count')} resources, but there are {resources}",
            f"Write the report again: {_HOW}",
        )
    for check in failed:
        environment, layer = PurePosixPath(check["file_path"]).parts[-2:]
        template = templates[layer.removesuffix(".json")]
        yield _finding(check, template, environment, folder)


def _report(path: Path) -> tuple[Mapping[str, Any], list[dict[str, Any]]]:
    try:
        document = json.loads(read(path) or "")
        return document["summary"], document["results"]["failed_checks"]
    except (ValueError, TypeError, LookupError) as error:
        raise TapgenError(
            f"{path} is not a report of checkov's CloudFormation checks",
            f"Write the report with {_HOW}",
        ) from error


def _finding(
    check: Mapping[str, Any], template: Template, environment: str, folder: str
) -> Finding:
    logical_id = check["resource"].rpartition(".")[2]
    keys = check["check_result"].get("evaluated_keys") or [""]
    steps = [int(step) if step.isdigit() else step for step in keys[0].split("/")]
    line, column = locate(template.text, ["Resources", logical_id, *steps])
    return Finding(
        f"{folder}/{template.layer}.json",
        line,
        column,
        check["check_id"],
        "checkov",
        "error",
        check["check_name"],
        layer=template.layer,
        logical_id=logical_id,
        environments=(environment,),
        url=check.get("guideline") or "",
    )
