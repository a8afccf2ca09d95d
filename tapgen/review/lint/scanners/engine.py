"""cloudformation-validate: AWS's offline validator, with its own rules and with Guard rules.

Only this module imports it, inside the functions that need it: it is an optional extra.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from tapgen.errors import MissingExtraError, TapgenError, UsageError
from tapgen.model.stack import Stack
from tapgen.model.templates.positions import locate
from tapgen.review.lint.findings import Finding, Severity

_STREAM_RULE: Final = "KINESIS_FIREHOSE_{}_DESTINATION_CONFIGURATION_USES_SECURE_PARAMETER"
# Rule -> why it is switched off everywhere. A finding on one resource is accepted there instead.
NOT_ASKED: Final = {
    "W9002": "Requires references instead of ARNs; the inputs have example ARNs here.",
    "W9013": "Requires AWS::AccountId; the account is put in here, and T006 checks the template.",
    "CFN_NO_EXPLICIT_RESOURCE_NAMES": "Retained data is found again, and adopted, by its name.",
    **{
        _STREAM_RULE.format(name): "Requires a destination's secret of streams without it."
        for name in ("REDSHIFT", "SPLUNK")
    },
}
_SEVERITIES: Final[dict[str, Severity]] = {"FATAL": "error", "ERROR": "error", "WARN": "warning"}
_LABEL: Final = re.compile(r"^[;\s]*Violation:")


class Engine:
    """The validator, with rules that are compiled once (a quarter of a second) for all stacks."""

    def __init__(self, guard: Sequence[Path] = ()) -> None:
        """Load it with the Guard rules in the given files and folders.

        Raises `MissingExtraError` if the extra is not installed, `TapgenError` if a rule file is
        not valid, and `UsageError` if there are no rules.
        """
        validate = _package()
        files = [file for path in guard for file in _rule_files(path)]
        sources = [validate.file_to_external_rule_source(file) for file in files]
        try:
            self._engine = validate.CelEngine(validate.EngineConfig(guard_rules=sources))
        except validate.ValidationError as error:
            raise TapgenError(
                f"the Guard rules are not valid: {error}", "Correct or leave out the named file."
            ) from error
        self._config = validate.ValidateConfig(
            severity_level=validate.Severity.WARN,  # lower ones describe, and object to nothing
            exclude=validate.RuleFilterConfig(ids=sorted(NOT_ASKED)),
        )

    @property
    def rules(self) -> frozenset[str]:
        """Ids of all rules that are switched on."""
        return frozenset(rule.id for rule in self._engine.list_rules()) - NOT_ASKED.keys()

    def findings(self, stack: Stack, resolved: str, folder: str) -> Iterator[Finding]:
        """Check the resolved text of a stack. Places are those in its template.

        Raises `TapgenError` if the validator could not check everything, which must not be taken
        for no findings.
        """
        validate = _package()
        report = self._engine.validate_template(validate.TemplateContent(resolved), self._config)
        if report.status is not validate.ReportStatus.OK:
            raise TapgenError(
                f"the scan of {stack.environment}.{stack.layer} did not finish: "
                f"{report.status.name.lower()}",
                "Run `tapgen lint` without --policy to see what is wrong with the template.",
            )
        alike: dict[tuple[str, str], list[Any]] = defaultdict(list)
        for diagnostic in report.diagnostics:
            alike[diagnostic.rule_id, _logical_id(diagnostic)].append(diagnostic)
        for diagnostics in alike.values():
            yield _finding(stack, _clearest(diagnostics), folder)


def _package() -> Any:
    try:
        import cloudformation_validate
    except ImportError as error:
        raise MissingExtraError(
            "--policy needs cloudformation-validate, which is not installed", "policy"
        ) from error
    return cloudformation_validate


def _rule_files(path: Path) -> list[Path]:
    files = [path] if path.is_file() else sorted(path.rglob("*.guard"))
    if not files:
        hint = "Name a .guard file or a folder with such files."
        raise UsageError(f"{path} has no Guard rules", hint)
    return files


def _clearest(diagnostics: Sequence[Any]) -> Any:
    """One of several by the same rule on the same resource: Guard reports each failed clause."""
    return next((one for one in diagnostics if "Violation:" in one.message), diagnostics[0])


def _logical_id(diagnostic: Any) -> str:
    entity = diagnostic.entity
    return entity.logical_id if entity and entity.entity_type.name == "RESOURCE" else ""


def _finding(stack: Stack, diagnostic: Any, folder: str) -> Finding:
    logical_id = _logical_id(diagnostic)
    steps = [part for part in (diagnostic.property_path or "").split(".") if part]
    path = ["Resources", logical_id, *(int(s) if s.isdigit() else s for s in steps)]
    line, column = locate(stack.template.text, path if logical_id else [])
    return Finding(
        f"{folder}/{stack.layer}.json",
        line,
        column,
        diagnostic.rule_id,
        _family(diagnostic),
        _SEVERITIES[diagnostic.severity.name],
        _message(diagnostic.message),
        layer=stack.layer,
        logical_id=logical_id,
        environments=(stack.environment,),
        url=diagnostic.documentation_url or "",
    )


def _family(diagnostic: Any) -> str:
    """The category of the rule; "guard" for all rules from Guard files."""
    guard = diagnostic.source.name == "GUARD"
    return "guard" if guard else str(diagnostic.category).lower()


def _message(text: str) -> str:
    """The text on one line, without the label at the beginning of all of the registry's rules."""
    return " ".join(_LABEL.sub("", text).replace(";", " ").split())
