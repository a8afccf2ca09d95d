"""checkov's report: checkov's dependencies conflict with tapgen's, so it runs on its own."""

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
    """Yield what checkov's JSON report about the resolved files of `resources` resources says.

    Raises `TapgenError` where the report is none, tells of files that checkov could not read, or
    counts other resources than there are: then it is about other files or leaves some out.
    """
    summary, failed = _report(path)
    if summary.get("parsing_errors") != 0:
        raise TapgenError(f"{path}: checkov could not read all files", f"Look into {path}. {_HOW}")
    if summary.get("resource_count") != resources:
        raise TapgenError(
            f"{path}: about {summary.get('resource_count')} resources, but there are {resources}",
            _HOW,
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
            f"{path} is not a report of checkov's CloudFormation checks", _HOW
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
