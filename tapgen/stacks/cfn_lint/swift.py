"""Parts of cfn-lint that take most of its time, replaced by equal ones that take less.

cfn-lint checks a template by one rule, E1001, that goes down into it with a validator and a
context; at each of 7,000 places E1101 hands over to the rules about that place. All three are its
ways of being extended: own rules, subclasses of validator and context. So nothing of cfn-lint is
patched. `tests/stacks/cfn_lint/` compares the findings with those of plain cfn-lint.

Shares are those of all the time that cfn-lint takes to check this repository, rules loaded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any, TypeVar

from cfnlint.context import Context
from cfnlint.jsonschema import CfnTemplateValidator
from cfnlint.jsonschema._utils import Unset
from cfnlint.rules import CloudFormationLintRule, Rules
from cfnlint.rules.jsonschema.CfnLint import CfnLint
from cfnlint.rules.jsonschema.JsonSchema import JsonSchema
from cfnlint.template import Template

Object = TypeVar("Object")

_NOTHING = Template(None, {})


def swift(rules: Rules) -> Rules:
    """The same rules, two of them swifter."""
    return Rules({**rules, SwiftTemplate.id: SwiftTemplate(), SwiftKeywords.id: SwiftKeywords()})


def _changed(original: Object, changes: dict[str, Any], kind: type[Any] | None = None) -> Object:
    """Copy a dataclass. Its own `__init__` and `fields` take ten times as long."""
    copy: Object = object.__new__(kind or type(original))
    copy.__dict__.update(original.__dict__)
    copy.__dict__.update(changes)
    return copy


class SwiftContext(Context):  # type: ignore[misc]
    """What is known at a place: 66,000 copies, an eighth of the time."""

    def evolve(self, **changes: Any) -> SwiftContext:
        """Give a copy with changes."""
        if "ref_values" in changes:
            changes["ref_values"] = {**self.ref_values, **changes["ref_values"]}
        return _changed(self, changes)


class SwiftValidator(CfnTemplateValidator):  # type: ignore[misc]
    """What compares with a schema: 81,000 copies, and 650 with other functions for keywords.

    For these, cfn-lint defines a class each; an eighth of the time. Copying is another tenth.
    """

    def evolve(self, **changes: Any) -> SwiftValidator:
        """Give a copy with changes."""
        return _changed(self, changes)

    def extend(
        self,
        validators: dict[str, Any] | None = None,
        function_filter: Any = None,
        fn_resolvers: dict[str, Any] | None = None,
    ) -> Callable[..., SwiftValidator]:
        """Give what makes validators with other functions, which know of no template yet."""
        functions = {
            "validators": {**self.validators, **(validators or {})},
            "fn_resolvers": {**self.fn_resolvers, **(fn_resolvers or {})},
        }

        def extended(schema: Any) -> SwiftValidator:
            made = type(self)(schema, None, function_filter or self.function_filter, _NOTHING)
            return _changed(made, functions)

        return extended


class SwiftTemplate(JsonSchema):  # type: ignore[misc]
    """E1001, which starts from the validator and the context above."""

    def match(self, cfn: Template) -> list[Any]:
        """Check the template by its schema."""
        context = _changed(cfn.context, {}, SwiftContext)
        validator = self.extend_validator(SwiftValidator({}, cfn=cfn), self.schema, context)
        found: list[Any] = self.json_schema_validate(validator, cfn.template, [])
        return found


class SwiftKeywords(CfnLint):  # type: ignore[misc]
    """E1101, which looks the rules about a place up, instead of asking each: a seventh."""

    @cached_property
    def _by_keyword(self) -> dict[str, list[CloudFormationLintRule]]:
        """Read when all rules are known to each other, which then stays as it is."""
        found: dict[str, list[CloudFormationLintRule]] = {}
        for rule in self.child_rules.values():
            if rule is not None and rule.id:
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
