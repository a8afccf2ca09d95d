"""Parts of cfn-lint that take most of its time, replaced by equivalent, faster ones.

cfn-lint checks a template by one rule, E1001, which descends into it with a validator and a
context; at each of 7,000 places, E1101 calls the rules about that place. cfn-lint lets others add
rules, and everything that it creates on the way down is a copy of what it got at the top. So
nothing is patched: two rules replace the ones that they extend.
`tests/review/lint/cfn_lint/test_fast.py` compares the findings with those of plain cfn-lint. The
replacements depend on its internals, so they are imported only for the versions in `TESTED` of
`tapgen.review.schemas`; other versions are used as they are.

Shares of time refer to the whole time of cfn-lint for this repository's templates, with the rules
already loaded.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from cfnlint.context import Context
from cfnlint.context.context import Path
from cfnlint.helpers import FUNCTIONS
from cfnlint.jsonschema import CfnTemplateValidator
from cfnlint.jsonschema._filter import FunctionFilter
from cfnlint.jsonschema._utils import Unset
from cfnlint.rules import CloudFormationLintRule, Rules
from cfnlint.rules.jsonschema.CfnLint import CfnLint
from cfnlint.rules.jsonschema.JsonSchema import JsonSchema
from cfnlint.template import Template

if TYPE_CHECKING:
    from cfnlint.schema.resolver import RefResolver

Object = TypeVar("Object")

_NO_TEMPLATE = Template(None, {})


def fast(rules: Rules) -> Rules:
    """The same rules, two of them faster."""
    return Rules({**rules, FastTemplate.id: FastTemplate(), FastKeywords.id: FastKeywords()})


def _copy(original: Any, kind: type[Object], **changes: Any) -> Object:
    """A copy with changes. Calling `__init__` with all fields takes ten times as long."""
    copy = object.__new__(kind)
    copy.__dict__.update(original.__dict__)
    copy.__dict__.update(changes)
    return copy


class FastPath(Path):  # type: ignore[misc]
    """The path of a place: 30,000 copies, 5 % of the time."""

    def evolve(self, **changes: Any) -> FastPath:
        """Return a copy with changes."""
        return _copy(self, FastPath, **changes)

    def descend(self, **steps: Any) -> FastPath:
        """Return a copy with steps appended to its paths. Raises the errors of the original."""
        property_ = steps.get("cfn_path")
        if property_ in FUNCTIONS or isinstance(property_, int):
            return super().descend(**steps)  # type: ignore[no-any-return] # it raises
        taken = {name: step for name, step in steps.items() if step is not None}
        return _copy(self, FastPath, **{n: getattr(self, n) + deque([taken[n]]) for n in taken})


class FastContext(Context):  # type: ignore[misc]
    """The context of a place: 66,000 copies, 13 % of the time."""

    def evolve(self, **changes: Any) -> FastContext:
        """Return a copy with changes."""
        if "ref_values" in changes:
            changes["ref_values"] = {**self.ref_values, **changes["ref_values"]}
        return _copy(self, FastContext, **changes)


class FastFilter(FunctionFilter):  # type: ignore[misc]
    """The filter of a schema: 17,000 copies, 3 % of the time."""

    def evolve(self, **changes: Any) -> FastFilter:
        """Return a copy with changes."""
        return _copy(self, FastFilter, **changes)


class FastValidator(CfnTemplateValidator):  # type: ignore[misc]
    """The validator of a schema: 81,000 copies, 7 % of the time.

    650 of them have other functions for keywords. For each, cfn-lint defines a class: 13 %.
    """

    # By schema. Searching a whole schema for names again for each resource takes 5 %.
    resolvers: dict[int, RefResolver]

    def evolve(self, **changes: Any) -> FastValidator:
        """Return a copy with changes."""
        resolver = changes.get("resolver")
        if resolver and not resolver.store:  # one with more schemas belongs to a rule
            changes["resolver"] = self.resolvers.setdefault(id(resolver.referrer), resolver)
        return _copy(self, FastValidator, **changes)

    def extend(
        self,
        validators: dict[str, Any] | None = None,
        function_filter: Any = None,
        fn_resolvers: dict[str, Any] | None = None,
    ) -> Callable[..., FastValidator]:
        """Return a factory of validators with other functions and without a template."""

        def extended(schema: Any) -> FastValidator:
            return _copy(
                FastValidator(schema, None, function_filter or self.function_filter, _NO_TEMPLATE),
                FastValidator,
                resolvers=self.resolvers,
                validators={**self.validators, **(validators or {})},
                fn_resolvers={**self.fn_resolvers, **(fn_resolvers or {})},
            )

        return extended


class FastTemplate(JsonSchema):  # type: ignore[misc]
    """E1001, which starts with the classes above."""

    def __init__(self) -> None:
        super().__init__()
        self._resolvers: dict[int, RefResolver] = {}

    def match(self, cfn: Template) -> list[Any]:
        """Check the template by its schema."""
        context = _copy(cfn.context, FastContext, path=_copy(cfn.context.path, FastPath))
        plain = FastValidator({}, function_filter=FastFilter(), cfn=cfn)
        validator = _copy(plain, FastValidator, resolvers=self._resolvers)
        within = self.extend_validator(validator, self.schema, context)
        found: list[Any] = self.json_schema_validate(within, cfn.template, [])
        return found


class FastKeywords(CfnLint):  # type: ignore[misc]
    """E1101, which looks up the rules about a place. Asking every rule takes 15 % of the time."""

    @cached_property
    def _by_keyword(self) -> dict[str, list[CloudFormationLintRule]]:
        """Computed on first use, when all rules are registered; they do not change afterwards."""
        found: dict[str, list[CloudFormationLintRule]] = {}
        for rule in filter(None, self.child_rules.values()):
            for keyword in rule.keywords:
                found.setdefault(keyword, []).append(rule)
        return found

    def cfnLint(  # noqa: N802 - the name of the keyword in cfn-lint's schemas
        self, validator: Any, keywords: list[str], instance: Any, schema: Any
    ) -> Iterator[Any]:
        """Yield the errors of the rules about this place."""
        handed = validator.evolve(
            function_filter=validator.function_filter.evolve(add_cfn_lint_keyword=False)
        )
        for keyword in keywords:
            for rule in self._by_keyword.get(keyword, ()):
                for error in rule.validate(handed, keyword, instance, schema):
                    if error.rule is None and isinstance(error.validator, Unset):
                        error.rule = rule
                    yield error
