"""Running cfn-lint on templates, with rules that are loaded once.

Findings must not depend on the machine. So cfn-lint is kept from reading three things: `.cfnlintrc`
in the home and working folder, the region in AWS_REGION, and resource schemas in the user's cache,
which replace the bundled ones if they are newer.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tapgen.render.memory import evidence
from tapgen.review.lint.cfn_lint.request import LintRequest, LintResult, ParameterSet
from tapgen.review.lint.findings import Finding
from tapgen.review.lint.workers import prefork
from tapgen.review.schemas import is_tested, untested

if TYPE_CHECKING:
    from cfnlint.match import Match
    from cfnlint.rules import Rules

Checker = Callable[[Sequence[LintRequest]], list[LintResult]]

_SCHEMA_FOLDERS: Final = ("providers", "resources")


@contextmanager
def checker(processes: int = 0) -> Iterator[Checker]:
    """A function that answers requests, in order. cfn-lint loads in the meantime, see `prefork`.

    Raises `TapgenError` for a version of cfn-lint whose findings might depend on the machine.
    """
    evidence.watch("cfnlint")
    with prefork(_loaded, processes) as answers:
        yield answers


@contextmanager
def _loaded() -> Iterator[Callable[[LintRequest], LintResult]]:
    with _schemas_of_the_package():
        yield _Linter().answer


class _Linter:
    """cfn-lint, with rules that are loaded once (a fifth of a second) for all templates."""

    def __init__(self) -> None:
        from cfnlint.runner import Runner
        from cfnlint.version import __version__

        self._rules: Rules = Runner(_config([], [])).rules
        if is_tested(__version__):
            from tapgen.review.lint.cfn_lint.fast import fast

            self._rules = fast(self._rules)
        self._named: set[str] = set()

    def answer(self, request: LintRequest) -> LintResult:
        """Check the template for each region."""
        findings = [
            finding
            for region, cases in request.regions.items()
            for finding in self._in_region(request, region, cases)
        ]
        files = evidence.loaded() - self._named
        self._named |= files
        return LintResult(findings, files)

    def _in_region(
        self, request: LintRequest, region: str, cases: Sequence[ParameterSet]
    ) -> Iterator[Finding]:
        """Check with the values of all cases at once, which takes no longer than with one case.

        Only if that finds something, each case is checked alone to find the environments.
        """
        matches = self._run(request, region, cases)
        if not matches:
            return
        own = [
            _finding(request, match, case.environment)
            for case in cases
            for match in self._run(request, region, [case])
        ]
        yield from own or [_finding(request, match) for match in matches]

    def _run(self, request: LintRequest, region: str, cases: Sequence[ParameterSet]) -> list[Match]:
        from cfnlint.decode.decode import decode_str
        from cfnlint.runner import run_template_by_data

        decoded, faults = decode_str(request.text)
        if faults:
            return list(faults)
        return list(run_template_by_data(decoded, _config([region], cases), self._rules))


def _finding(request: LintRequest, match: Match, *environments: str) -> Finding:
    path = getattr(match, "path", None) or [""]
    return Finding(
        request.path,
        match.linenumber,
        match.columnnumber,
        match.rule.id,
        match.rule.shortdesc,
        match.rule.severity,
        match.message,
        layer=request.layer,
        logical_id=str(path[1]) if path[0] == "Resources" and len(path) > 1 else "",
        environments=environments,
        url=match.rule.source_url,
    )


def _config(regions: Sequence[str], cases: Sequence[ParameterSet]) -> Any:
    from cfnlint.config import ConfigMixIn, ManualArgs
    from cfnlint.context import ParameterSet

    return ConfigMixIn(
        ["--config-file", os.devnull],
        **ManualArgs(
            regions=list(regions),
            include_checks=["I"],
            parameters=[ParameterSet(None, case.values) for case in cases],
        ),
    )


@contextmanager
def _schemas_of_the_package() -> Iterator[None]:
    import cfnlint
    from cfnlint.schema import PROVIDER_SCHEMA_MANAGER as MANAGER

    bundled = Path(cfnlint.__file__).parent / "data" / "schemas"
    # There is no option for this. A test plants a newer cache.
    try:
        before = MANAGER._providers_dir, MANAGER._resources_dir  # noqa: SLF001 - see above
    except AttributeError as error:
        raise untested("its schemas cannot be separated from those in the user's cache") from error
    MANAGER._providers_dir, MANAGER._resources_dir = (  # noqa: SLF001 - see above
        bundled / name for name in _SCHEMA_FOLDERS
    )
    MANAGER.reset()
    try:
        yield
    finally:
        MANAGER._providers_dir, MANAGER._resources_dir = before  # noqa: SLF001 - see above
        MANAGER.reset()
