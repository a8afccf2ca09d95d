"""`Blueprint`: a troposphere template that knows where the values of its parameters come from.

A parameter is declared together with the setting (or the other layer's output) that fills it. The
template's own `Metadata` records that, so a rendered template shows without tapgen's code which
setting determines what.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from copy import copy
from typing import Any, Final, Self

from troposphere import (
    And,
    Condition,
    Equals,
    If,
    Not,
    NoValue,
    Output,
    Parameter,
    Ref,
    Sub,
    Tags,
    Template,
)
from troposphere.iam import Role

from tapgen.errors import TapgenError
from tapgen.model.layer import METADATA_KEY
from tapgen.model.limits import (
    ENVIRONMENT_NAME,
    POLICY_NAME,
    PREFIX,
    PROJECT_NAME,
    SECRET_LOCATOR,
    Range,
    or_empty,
)
from tapgen.model.stack import MANAGED_BY, SETTLED, SETTLED_SETTING
from tapgen.render.encoding import encoded

_TAG_PROPERTIES: Final = ("Tags", "UserPoolTags")


class Blueprint:
    """A layer's template under construction.

    `text`, `number`, `choice`, `flag` and `several` declare parameters that an environment's
    settings fill, `input` and `input_list` those that other layers' outputs fill (the registry
    names them), `output` declares an output.

    With `bounds_roles`, every role gets the environment's permissions boundary. Every method raises
    `TapgenError` for a name that is declared twice or that tapgen fills itself: nothing that a
    builder declares is overwritten silently.
    """

    def __init__(self, layer: str, description: str, *, bounds_roles: bool = True) -> None:
        self.layer = layer
        self._bounds_roles = bounds_roles
        self.template = Template(Description=description)
        self.template.set_version()
        self._settings: dict[str, str] = {}
        self._inputs: list[str] = []

    # --- parameters that many layers share, declared on first use -----------------------------

    def shared(self, name: str, setting: str, description: str, pattern: str) -> Ref:
        """Return a parameter as `text` does, which is declared on first use.

        Raises `TapgenError` if the layer has declared another parameter with that name.
        """
        if self._has(name, setting):
            return Ref(name)
        return self.text(name, setting, description, pattern=pattern)

    def prefix(self) -> Ref:
        """Return the prefix of resource names."""
        return self.shared("Prefix", "prefix", "Prefix of resource names.", PREFIX)

    def environment(self) -> Ref:
        """Return the name of the environment."""
        return self.shared("EnvironmentName", "name", "Name of the environment.", ENVIRONMENT_NAME)

    def tags(self) -> dict[str, Any]:
        """Return the tags of every taggable resource: the engine's, `ENGINE_TAGS`.

        A platform with tags of its own overrides this in a blueprint of its own.
        """
        return {
            "Environment": self.environment(),
            "Layer": self.layer,
            "ManagedBy": MANAGED_BY,
            "Project": self.shared("Project", "project", "Name of the project.", PROJECT_NAME),
        }

    def protected(self) -> If:
        """Return a boolean property's value that is true under the condition `protection`."""
        return If(self.protection(), True, False)

    def protection(self) -> str:
        """Return the condition for anything that prevents the deletion of a resource.

        It is true if the environment is protected and the stack's creation has ended: the rollback
        of a failed creation could not delete protected resources (`model.changes.settling`).
        """
        if not self._has("Protection", "protection"):
            self.flag("Protection", "protection", "Whether stateful resources are protected.")
        if not self._has("Settled", SETTLED_SETTING):
            about = "Whether the stack's creation is complete. Set by tapgen."
            ref = self._parameter("Settled", about, Type="String", AllowedValues=["false", "true"])
            self._settings["Settled"] = SETTLED_SETTING
            self.condition("IsProtected", And(Condition("IsProtection"), Equals(ref, SETTLED)))
        return "IsProtected"

    def when(self, flag: str) -> If:
        """Return a boolean property's value that is true if a declared flag is on."""
        return If(f"Is{flag}", True, False)

    # --- parameters -------------------------------------------------------------------------

    def text(self, name: str, setting: str, description: str, *, pattern: str) -> Ref:
        """Declare a String parameter that matches `pattern`, filled from `setting`."""
        return self._filled_by(setting, name, description, Type="String", AllowedPattern=pattern)

    def number(self, name: str, setting: str, description: str, bounds: Range) -> Ref:
        """Declare a whole Number parameter within `bounds`, filled from `setting`."""
        return self._filled_by(
            setting, name, description, Type="Number", MinValue=bounds.low, MaxValue=bounds.high
        )

    def choice(self, name: str, setting: str, description: str, values: Sequence[str | int]) -> Ref:
        """Declare a parameter that accepts one of `values`, filled from `setting`."""
        kind = "Number" if all(isinstance(value, int) for value in values) else "String"
        return self._filled_by(
            setting, name, description, Type=kind, AllowedValues=[str(value) for value in values]
        )

    def flag(self, name: str, setting: str, description: str) -> Ref:
        """Declare a "true"/"false" parameter filled from a boolean setting.

        Also declares the condition `Is<name>`, for resources and properties that depend on it.
        """
        ref = self._filled_by(
            setting, name, description, Type="String", AllowedValues=["false", "true"]
        )
        self.condition(f"Is{name}", Equals(ref, "true"))
        return ref

    def optional_text(self, name: str, setting: str, description: str, *, pattern: str) -> Ref:
        """Declare a String parameter filled from a setting that may be left out.

        Then it is empty. Also declares the condition `Has<name>`, which is true if it is not.
        """
        ref = self._filled_by(
            setting, name, description, Type="String", AllowedPattern=or_empty(pattern)
        )
        self.condition(f"Has{name}", Not(Equals(ref, "")))
        return ref

    def secret(self, name: str, setting: str, description: str, *, optional: bool = False) -> Sub:
        """Declare a parameter that names a secret; return a dynamic reference to its value.

        The setting is a `SecretReference`. The reference works in any property that is not part of
        a resource's identifier: CloudFormation would write the secret into that. For an optional
        one the condition `Has<name>` is declared too.
        """
        if optional:
            self.optional_text(name, setting, description, pattern=SECRET_LOCATOR)
        else:
            self.text(name, setting, description, pattern=SECRET_LOCATOR)
        return Sub(f"{{{{resolve:secretsmanager:${{{name}}}}}}}")

    def several(self, name: str, setting: str, description: str, *, pattern: str) -> Ref:
        """Declare a list of texts, joined by commas and each matching `pattern`, from `setting`."""
        return self._filled_by(
            setting, name, description, Type="CommaDelimitedList", AllowedPattern=pattern
        )

    def input(self, name: str, description: str, *, pattern: str, optional: bool = False) -> Ref:
        """Declare a String parameter that another layer's output fills.

        An optional one is empty by default, and the condition `Has<name>` is declared too.
        """
        self._inputs.append(name)
        if not optional:
            return self._parameter(name, description, Type="String", AllowedPattern=pattern)
        ref = self._parameter(
            name, description, Type="String", AllowedPattern=or_empty(pattern), Default=""
        )
        self.condition(f"Has{name}", Not(Equals(ref, "")))
        return ref

    def input_list(self, name: str, description: str, *, type_: str) -> Ref:
        """Declare a list parameter (for instance `List<AWS::EC2::Subnet::Id>`) from an output."""
        self._inputs.append(name)
        return self._parameter(name, description, Type=type_)

    # --- the rest ---------------------------------------------------------------------------

    def condition(self, name: str, expression: Any) -> str:
        """Declare a condition; return its name for `Condition=` and `If(...)`."""
        self._refuse_second("condition", name, self.template.conditions)
        self.template.add_condition(name, expression)
        return name

    def mapping(self, name: str, table: Mapping[str, Mapping[str, Any]]) -> str:
        """Declare a mapping of two levels; return its name for `FindInMap`."""
        self._refuse_second("mapping", name, self.template.mappings)
        self.template.add_mapping(name, {key: dict(values) for key, values in table.items()})
        return name

    def add(self, resource: Any) -> Any:
        """Add a resource; `finish` adds its tags."""
        self._refuse_second("resource", resource.title, self.template.resources)
        return self.template.add_resource(resource)

    def output(self, name: str, value: Any, description: str, *, condition: str = "") -> None:
        """Declare an output, which exists only if `condition` is true (if one is named)."""
        self._refuse_second("output", name, self.template.outputs)
        extra = {"Condition": condition} if condition else {}
        self.template.add_output(Output(name, Value=value, Description=description, **extra))

    def finish(self) -> Self:
        """Tag all taggable resources, bound all roles, record the settings of parameters."""
        for title, resource in self.template.resources.items():
            self._tag(title, resource)
            if isinstance(resource, Role) and self._bounds_roles:
                if "PermissionsBoundary" in resource.properties:
                    raise self._fault(f"{title} has a PermissionsBoundary", "Remove it")
                resource.PermissionsBoundary = self._boundary()
        others = self.template.metadata
        if METADATA_KEY in others:
            raise self._fault(f"the template has Metadata called {METADATA_KEY}", "Rename it")
        notes = {"Layer": self.layer, "Settings": self.settings}
        self.template.set_metadata({**others, METADATA_KEY: notes})
        return self

    @property
    def inputs(self) -> frozenset[str]:
        """Names of the parameters that other layers' outputs fill."""
        return frozenset(self._inputs)

    @property
    def settings(self) -> dict[str, str]:
        """Parameter -> setting that fills it."""
        return dict(sorted(self._settings.items()))

    @property
    def outputs(self) -> tuple[str, ...]:
        """Names of the outputs, in the order of declaration."""
        return tuple(self.template.outputs)

    def document(self) -> dict[str, Any]:
        """Return the template as JSON values, see `encoded`."""
        template = self.template
        parts = {
            "AWSTemplateFormatVersion": template.version,
            "Conditions": template.conditions,
            "Description": template.description,
            "Mappings": template.mappings,
            "Metadata": template.metadata,
            "Outputs": template.outputs,
            "Parameters": template.parameters,
        }
        document = {name: encoded(part) for name, part in parts.items() if part}
        return {**document, "Resources": encoded(template.resources)}

    def _tag(self, title: str, resource: Any) -> None:
        """Add the tags in the form that the type uses: a list, a mapping, or `Tags`."""
        name = next((one for one in _TAG_PROPERTIES if one in resource.props), None)
        if name is None:
            return
        form, own = resource.props[name][0], resource.properties.get(name)
        if form is dict:
            own = own or {}
            tags: Any = {**self._tags_of(title, own), **own}
        elif isinstance(form, list):
            own = own or []
            put = self._tags_of(title, [tag.properties["Key"] for tag in own])
            tags = [*(form[0](Key=key, Value=value) for key, value in put.items()), *own]
        else:
            own = own or Tags()
            keys = [tag["Key"] for tag in own.tags if isinstance(tag, dict)]
            # A copy: `+` changes its right operand, which resources may share.
            tags = Tags(**self._tags_of(title, keys)) + copy(own)
        setattr(resource, name, tags)

    def _tags_of(self, title: str, own: Iterable[str]) -> dict[str, Any]:
        tags = self.tags()
        both = ", ".join(sorted(tags.keys() & set(own)))
        if both:
            raise self._fault(f"{title} sets the tag {both}", "Remove it: every resource gets it")
        return tags

    def _boundary(self) -> If:
        if not self._has("Boundary", "deployment.permission_boundary"):
            self.optional_text(
                "Boundary",
                "deployment.permission_boundary",
                "Permissions boundary of all roles.",
                pattern=POLICY_NAME,
            )
        arn = Sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:policy/${Boundary}")
        return If("HasBoundary", arn, NoValue)

    def _has(self, name: str, setting: str) -> bool:
        """True if a shared parameter is declared. It has the same setting in all layers."""
        if name not in self.template.parameters:
            return False
        if self._settings.get(name) != setting:
            raise self._fault(f"the parameter {name} is not filled from {setting}", "Rename it")
        return True

    def _filled_by(self, setting: str, name: str, description: str, **kind: Any) -> Ref:
        ref = self._parameter(name, f"{description} Setting: {setting}.", **kind)
        self._settings[name] = setting
        return ref

    def _parameter(self, name: str, description: str, **kind: Any) -> Ref:
        self._refuse_second("parameter", name, self.template.parameters)
        self.template.add_parameter(Parameter(name, Description=description, **kind))
        return Ref(name)

    def _refuse_second(self, kind: str, name: str, declared: Container[str]) -> None:
        if name in declared:
            raise self._fault(f"the {kind} {name} is declared twice", "Rename one of them")

    def _fault(self, what: str, todo: str) -> TapgenError:
        return TapgenError(
            f"layer {self.layer}: {what}", f"{todo} in {self.layer}.py, the layer's builder."
        )
