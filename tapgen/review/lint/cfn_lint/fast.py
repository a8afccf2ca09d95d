"""Parts of cfn-lint that take most of its time, replaced by equal ones that take less.

cfn-lint checks a template by one rule, E1001, which goes down into it with a validator and a
context; at each of 7,000 places, E1101 hands over to the rules about that place. Rules are what
cfn-lint lets others add, and all that it makes on the way down are copies of what it is given at
the top. So nothing of it is patched: two rules are put in the place of those that they extend.
`tests/review/lint/cfn_lint/test_fast.py` compares the findings with those of plain cfn-lint. They
know its inside, so they are imported only for versions that this was done with (`TESTED` in
`tapgen.review.schemas`); the others are asked as they are.

Shares of time are those of all that cfn-lint took for this repository's templates, rules loaded.
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
    """Give a copy with changes. To call `__init__` with all fields takes ten times as long."""
    copy = object.__new__(kind)
    copy.__dict__.update(original.__dict__)
    copy.__dict__.update(changes)
    return copy


class FastPath(Path):  # type: ignore[misc]
    """Where something is: 30,000 copies, 5 % of the time."""

    def evolve(self, **changes: Any) -> FastPath:
        """Give a copy with changes."""
        return _copy(self, FastPath, **changes)

    def descend(self, **steps: Any) -> FastPath:
        """Give a copy with steps appended to its paths. Raises what the original does."""
        property_ = steps.get("cfn_path")
        if property_ in FUNCTIONS or isinstance(property_, int):
            return super().descend(**steps)  # type: ignore[no-any-return] # it raises
        taken = {name: step for name, step in steps.items() if step is not None}
        return _copy(self, FastPath, **{n: getattr(self, n) + deque([taken[n]]) for n in taken})


class FastContext(Context):  # type: ignore[misc]
    """What is known at a place: 66,000 copies, 13 % of the time."""

    def evolve(self, **changes: Any) -> FastContext:
        """Give a copy with changes."""
        if "ref_values" in changes:
            changes["ref_values"] = {**self.ref_values, **changes["ref_values"]}
        return _copy(self, FastContext, **changes)


class FastFilter(FunctionFilter):  # type: ignore[misc]
    """What is left out of a schema: 17,000 copies, 3 % of the time."""

    def evolve(self, **changes: Any) -> FastFilter:
        """Give a copy with changes."""
        return _copy(self, FastFilter, **changes)


class FastValidator(CfnTemplateValidator):  # type: ignore[misc]
    """What compares with a schema: 81,000 copies, 7 % of the time.

    650 of them have other functions for keywords. For each, cfn-lint defines a class: 13 %.
    """

    # By schema. To look for names in all of a schema, for each resource anew, takes 5 %.
    resolvers: dict[int, RefResolver]

    def evolve(self, **changes: Any) -> FastValidator:
        """Give a copy with changes."""
        resolver = changes.get("resolver")
        if resolver and not resolver.store:  # one with further schemas is the rule's own
            changes["resolver"] = self.resolvers.setdefault(id(resolver.referrer), resolver)
        return _copy(self, FastValidator, **changes)

    def extend(
        self,
        validators: dict[str, Any] | None = None,
        function_filter: Any = None,
        fn_resolvers: dict[str, Any] | None = None,
    ) -> Callable[..., FastValidator]:
        """Give what makes validators with other functions, which know of no template yet."""

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
    """E1001, which begins with the above."""

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
    """E1101, which looks up the rules about a place. To ask every rule takes 15 % of the time."""

    @cached_property
    def _by_keyword(self) -> dict[str, list[CloudFormationLintRule]]:
        """Read when the rules know of each other, which does not change."""
        found: dict[str, list[CloudFormationLintRule]] = {}
        for rule in filter(None, self.child_rules.values()):
            for keyword in rule.keywords:
                found.setdefault(keyword, []).append(rule)
        return found

    def cfnLint(  # noqa: N802 - the name of the keyword in cfn-lint's schemas
        self, validator: Any, keywords: list[str], instance: Any, schema: Any
    ) -> Iterator[Any]:
        """Yield what the rules about this place find."""
        handed = validator.evolve(
            function_filter=validator.function_filter.evolve(add_cfn_lint_keyword=False)
        )
        for keyword in keywords:
            for rule in self._by_keyword.get(keyword, ()):
                for error in rule.validate(handed, keyword, instance, schema):
                    if error.rule is None and isinstance(error.validator, Unset):
                        error.rule = rule
                    yield error
