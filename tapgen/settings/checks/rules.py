"""Rules between settings: the platform's, and the engine's for one environment.

Each rule names the settings that it needs, and is skipped if one of them is missing or faulty, so
that one mistake is reported once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from functools import cache
from typing import Any, Final, NamedTuple

from tapgen.errors import TapgenError
from tapgen.model.limits import PREFIX, REGIONS
from tapgen.model.parts.declared import (
    TEXTS,
    Kind,
    a,
    listing,
    misfits,
)
from tapgen.model.parts.places import place_of
from tapgen.model.parts.running import aside, blame, misfit
from tapgen.model.platform import Platform
from tapgen.settings.base import prefix_of
from tapgen.settings.copying import Copying
from tapgen.settings.faults import Fault, Source, guess
from tapgen.settings.fields import Field, fields
from tapgen.settings.parsing.document import Entries, Faulty

# (message, hint) of what is wrong, or nothing.
Verdict = tuple[str, str] | None


class Rule(NamedTuple):
    """A condition on the values of `needs`; faults are reported at the first of them."""

    needs: tuple[str, ...]
    judge: Callable[..., Verdict]


class Merged(NamedTuple):
    """The settings of one environment as they are written, before validation."""

    entries: Entries
    fields: Mapping[str, Field]

    def values(self, *settings: str) -> tuple[Any, ...] | None:
        """The values of `settings`, None for an optional one left out; nothing if one is unusable.

        A value is unusable if it is missing or was refused when it was read.
        """
        values = []
        for setting in settings:
            written = self.entries.get(setting)
            value = written.value if written else None
            if isinstance(value, Faulty) or (value is None and self.fields[setting].required):
                return None
            values.append(value)
        return tuple(values)

    def place(self, *settings: str) -> Source | None:
        """The place of the first of `settings` that is written anywhere."""
        return next((self.entries[one].source for one in settings if one in self.entries), None)


# A rule between environments: it receives all of them by name, and the names of those concerned,
# and returns faults that involve one of these.
Together = Callable[[Mapping[str, Merged], AbstractSet[str]], Iterable[Fault]]


class Checks(NamedTuple):
    """A platform's declarations about its settings, in addition to their types.

    - `rules`: between settings of one environment.
    - `together`: between environments.
    - `never_shrinks`: whole numbers that do not shrink from one stage to the next.
    - `overview`: settings that lists of environments show in addition to those of every platform.
    - `copying`: how an environment is created by copying another.
    """

    rules: tuple[Rule, ...] = ()
    together: tuple[Together, ...] = ()
    never_shrinks: tuple[str, ...] = ()
    overview: tuple[str, ...] = ()
    copying: Copying = Copying()


_NOTHING: Final = Checks()


_FIELDS: Final = {
    "rules": listing("Rules", lambda one: isinstance(one, Rule)),
    "together": listing("functions", callable),
    "never_shrinks": TEXTS,
    "overview": TEXTS,
    "copying": a(Copying),
}
_OF_RULES: Final[Mapping[str, Kind]] = {"needs": TEXTS, "judge": Kind("a function", callable)}


@cache
def checks_of(platform: Platform) -> Checks:
    """The checks of the platform.

    Raises `TapgenError` if they cannot be imported, and with all their faults.
    """
    checks = platform.part("checks", Checks) or _NOTHING
    faults = [*_faults_of(checks, fields(platform))]
    if faults:
        raise TapgenError(
            "\n".join(f"checks of the platform {platform.name}: {one}" for one in faults),
            f"Correct {platform.checks}.",
        )
    return checks


def _faults_of(checks: Checks, known: Mapping[str, Field]) -> Iterator[str]:
    """The faults of a platform's checks, in words."""
    wrong = [*misfits(checks, _FIELDS)]
    yield from wrong
    if wrong:
        return
    named: list[tuple[Rule | str, tuple[str, ...]]] = [
        ("never_shrinks", checks.never_shrinks),
        ("overview", checks.overview),
    ]
    for rule in checks.rules:
        bad = [*misfits(rule, _OF_RULES)]
        yield from (f"{_placed(rule)}: {one}" for one in bad)
        named += [] if bad else [(rule, rule.needs)]
        if not (bad or rule.needs):
            yield f"{_placed(rule)}: `needs` is empty, so there is no setting to report"
    for where, settings in named:
        for setting in (one for one in settings if one not in known):
            close = guess(setting, list(known))
            hint = f"; did you mean {close}?" if close else ""
            yield f"{_placed(where)}: there is no setting {setting}{hint}"


def _placed(rule: Rule | str) -> str:
    """The faulty part: a field of the checks, or a rule with the place of its definition."""
    if isinstance(rule, str):
        return rule
    return f"the rule at {place_of(rule.judge)}" if callable(rule.judge) else "a rule"


def check(merged: Merged, rules: Iterable[Rule]) -> Iterator[Fault]:
    """Yield what is wrong between the settings of one environment, by the engine's rules first."""
    for rule in (*RULES, *rules):
        values = merged.values(*rule.needs)
        if values is None:
            continue
        try:
            with aside:
                verdict = rule.judge(*values)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - `running.blaming` takes longer
            blame(error, _called(rule))
        if verdict:
            if not (isinstance(verdict, tuple) and len(verdict) == 2 and TEXTS.fits(verdict)):  # noqa: PLR2004 - a pair
                raise misfit(_called(rule), verdict, "(message, hint) or None", rule.judge)
            yield Fault(merged.place(*rule.needs), rule.needs[0], *verdict)


def _called(rule: Rule) -> str:
    return f"the rule of settings {getattr(rule.judge, '__name__', rule.judge)}"


def _express_without_protection(express: bool | None, protection: bool) -> Verdict:
    if express and protection:
        message = "must be off if protection is on: stacks would count as done too early"
        return message, "write false, or leave it out"
    return None


def _approvals_with_ledger(approvals: int | None, ledger: str | None) -> Verdict:
    if approvals and not ledger:
        message = "needs deployment.ledger, a bucket: deployers find the signatures there"
        return message, "name the bucket that `tapgen bootstrap` creates, or write 0"
    return None


def _prefix_fits(name: str, project: str, stack_prefix: str | None) -> Verdict:
    prefix = prefix_of(project, name, stack_prefix)
    if not re.search(PREFIX, prefix):
        message = f"the stack prefix {prefix} is longer than 23 characters or ends in a hyphen"
        return message, "shorten name or project, or set stack_prefix"
    return None


def _region_exists(region: str) -> Verdict:
    if region in REGIONS:
        return None
    close = guess(region, sorted(REGIONS))
    hint = f"did you mean {close}? " if close else ""
    return f"there is no region {region}", f"{hint}there are {', '.join(sorted(REGIONS))}"


RULES: Final = (
    Rule(("region",), _region_exists),
    Rule(("deployment.express", "protection"), _express_without_protection),
    Rule(("deployment.approvals", "deployment.ledger"), _approvals_with_ledger),
    Rule(("name", "project", "stack_prefix"), _prefix_fits),
)
