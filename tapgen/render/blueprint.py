"""What every layer builder writes on: a troposphere template that knows where its values come from.

A parameter is declared together with the setting (or the other layer's output) that fills it. The
binding is kept in the template's own `Metadata`, so a rendered template says by itself which
setting sizes what, without any tapgen code.
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

    `setting` and `flag` declare parameters that an environment's settings fill, `take` declares
    parameters that other layers' outputs fill (the registry says whose), `give` declares outputs.

    With `bounds_roles`, every role gets the environment's permission boundary. Every method raises
    `TapgenError` where a name is declared twice, or is one that tapgen fills
    itself: nothing that a builder writes is overwritten in silence.
    """

    def __init__(self, layer: str, description: str, *, bounds_roles: bool = True) -> None:
        self.layer = layer
        self._bounds_roles = bounds_roles
        self.template = Template(Description=description)
        self.template.set_version()
        self._settings: dict[str, str] = {}
        self._inputs: list[str] = []

    # --- parameters that many layers share, declared when first asked for ---------------------

    def shared(self, name: str, setting: str, description: str, pattern: str) -> Ref:
        """Return a parameter like that of `text`, which is declared when it is first asked for.

        Raises `TapgenError` where the layer has declared another parameter of that name.
        """
        if self._has(name, setting):
            return Ref(name)
        return self.text(name, setting, description, pattern=pattern)

    def prefix(self) -> Ref:
        """Return what names of resources begin with."""
        return self.shared("Prefix", "prefix", "Prefix of resource names.", PREFIX)

    def environment(self) -> Ref:
        """Return the name of the environment."""
        return self.shared("EnvironmentName", "name", "Name of the environment.", ENVIRONMENT_NAME)

    def tags(self) -> dict[str, Any]:
        """Return the tags that every taggable resource carries: the engine's, `ENGINE_TAGS`.

        A platform with tags of its own extends this in a blueprint of its own.
        """
        return {
            "Environment": self.environment(),
            "Layer": self.layer,
            "ManagedBy": MANAGED_BY,
            "Project": self.shared("Project", "project", "Name of the project.", PROJECT_NAME),
        }

    def protected(self) -> If:
        """Return what is true where the condition `protection` holds, for a boolean property."""
        return If(self.protection(), True, False)

    def protection(self) -> str:
        """Return the condition for whatever keeps a resource from being deleted.

        It holds where the environment is protected, and not before the stack is past its creation:
        one that fails could not take back what is protected (`model.changes.settling`).
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
        """Return what is true where a declared flag is on, for a boolean property."""
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
        """Declare a parameter that takes one of `values`, filled from `setting`."""
        kind = "Number" if all(isinstance(value, int) for value in values) else "String"
        return self._filled_by(
            setting, name, description, Type=kind, AllowedValues=[str(value) for value in values]
        )

    def flag(self, name: str, setting: str, description: str) -> Ref:
        """Declare a "true"/"false" parameter filled from a boolean setting.

        The condition `Is<name>` comes with it, for resources and properties that depend on it.
        """
        ref = self._filled_by(
            setting, name, description, Type="String", AllowedValues=["false", "true"]
        )
        self.condition(f"Is{name}", Equals(ref, "true"))
        return ref

    def optional_text(self, name: str, setting: str, description: str, *, pattern: str) -> Ref:
        """Declare a String parameter filled from a setting that may be left out.

        It is then empty, and the condition `Has<name>` that comes with it does not hold.
        """
        ref = self._filled_by(
            setting, name, description, Type="String", AllowedPattern=or_empty(pattern)
        )
        self.condition(f"Has{name}", Not(Equals(ref, "")))
        return ref

    def secret(self, name: str, setting: str, description: str, *, optional: bool = False) -> Sub:
        """Declare a parameter that says which secret it is; gives a dynamic reference to it.

        The setting is a `SecretReference`. Any property takes the reference, but none that is part
        of a resource's identifier: CloudFormation would write the secret into that. An optional
        one comes with the condition `Has<name>`.
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

        An optional one is empty by default and comes with the condition `Has<name>`.
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
        """Declare a condition; gives its name for `Condition=` and `If(...)`."""
        self._refuse_second("condition", name, self.template.conditions)
        self.template.add_condition(name, expression)
        return name

    def mapping(self, name: str, table: Mapping[str, Mapping[str, Any]]) -> str:
        """Declare a mapping of two levels; gives its name for `FindInMap`."""
        self._refuse_second("mapping", name, self.template.mappings)
        self.template.add_mapping(name, {key: dict(values) for key, values in table.items()})
        return name

    def add(self, resource: Any) -> Any:
        """Add a resource; tags are put on by `finish`."""
        self._refuse_second("resource", resource.title, self.template.resources)
        return self.template.add_resource(resource)

    def output(self, name: str, value: Any, description: str, *, condition: str = "") -> None:
        """Declare an output, present only where `condition` holds (when one is named)."""
        self._refuse_second("output", name, self.template.outputs)
        extra = {"Condition": condition} if condition else {}
        self.template.add_output(Output(name, Value=value, Description=description, **extra))

    def finish(self) -> Self:
        """Tag every taggable resource, bound every role, record what fills each parameter."""
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
        """Put the tags on, in the form that the type has: a list, a mapping, a class of its own."""
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
            # A copy: `+` writes into what stands on its right, which resources may share.
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
                "Policy that bounds every role.",
                pattern=POLICY_NAME,
            )
        arn = Sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:policy/${Boundary}")
        return If("HasBoundary", arn, NoValue)

    def _has(self, name: str, setting: str) -> bool:
        """Whether a parameter that layers share is declared; it is filled the same in all."""
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
