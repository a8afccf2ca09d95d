"""A located node -> the value of a setting, or a message that says why not.

The type of the setting decides how a value is read, so YAML never gets to guess.
"""

from __future__ import annotations

import re
from typing import Final

from tapgen.model.limits import (
    CROSS_ENVIRONMENT_OUTPUT,
    PARAMETER_NAME,
    SECRETS_ID,
    SECRETS_KEY,
    SECRETS_VERSION,
)
from tapgen.settings.base import Elsewhere, Form, SecretReference
from tapgen.settings.faults import Source, guess, shortened, shown
from tapgen.settings.fields import Field
from tapgen.settings.parsing.yaml_tree import Listing, Mapping, Node, Scalar

Value = None | bool | int | str | tuple[str, ...] | Elsewhere | SecretReference

# Kind of source -> the pattern of its names, what a name is in words, what to write.
_ELSEWHERE: Final = {
    "output": (
        CROSS_ENVIRONMENT_OUTPUT,
        "an output of another environment",
        "write environment.layer.OutputName",
    ),
    "ssm": (
        PARAMETER_NAME,
        "a parameter of Systems Manager",
        "write its name, for instance /shared/vpc-id: letters, digits and _.-, at most 15 levels",
    ),
}
# Part of a reference to a secret -> its pattern, and in words.
_SECRET: Final = {
    "secret": (SECRETS_ID, "the name or ARN of a secret"),
    "key": (SECRETS_KEY, "a key: letters, digits and _.@-"),
    "version": (SECRETS_VERSION, "the id of a version, 32 to 64 letters, digits and hyphens"),
}
# Numbers to some YAML versions, which change them: 0123 is 83 or 123, 0o17 is 15, 100E2 is 10000.
_ALTERED = re.compile(r"0[0-9]+|0o[0-7]+|[0-9]+[eE][0-9]+")
_WHOLE = re.compile(r"-?(0|[1-9][0-9]{0,17})")  # no octal, no 1_000, no 12:30:45
# What people write who mean true or false, in YAML 1.1 and elsewhere.
_TRUTHS = {
    **dict.fromkeys(("true", "yes", "on", "1"), "true"),
    **dict.fromkeys(("false", "no", "off", "0"), "false"),
}
_MEANINGS = {
    "bool": "a boolean",
    "int": "a number",
    "float": "a number",
    "null": "nothing",
    "timestamp": "a date",
}


class Unreadable(Exception):  # noqa: N818 - a signal inside this package, not an error of its own
    """The value does not fit its setting."""

    def __init__(self, source: Source, message: str, hint: str) -> None:
        super().__init__(message)
        self.source = source
        self.message = message
        self.hint = hint


def read(node: Node, field: Field) -> Value:
    """Return the value of `field` as written at `node`; raises Unreadable."""
    if isinstance(node, Scalar) and node.meaning == "null":
        if field.required:
            raise Unreadable(node.source, "has no value", _accepted(field))
        return None
    if field.kind == "secret":
        return _secret(node, field)
    if isinstance(node, Mapping) and _ELSEWHERE.keys() & node.entries.keys():
        return _elsewhere(node, field)
    if field.kind == "list":
        return _members(node, field)
    scalar = _scalar(node, field)
    if field.kind == "flag":
        return _flag(scalar)
    if field.kind == "whole":
        return _whole(scalar, field)
    return _text(scalar, field)


def misfit(text: str, field: Field) -> str:
    """The fault of a value that was read from elsewhere; "" if it fits the setting."""
    try:
        read(Scalar(Source(""), text, meaning="str", quoted=True), field)
    except Unreadable as error:
        return f"{error.message}; {error.hint}"
    return ""


def _elsewhere(node: Mapping, field: Field) -> Elsewhere:
    kind = next(kind for kind in _ELSEWHERE if kind in node.entries)
    pattern, what, todo = _ELSEWHERE[kind]
    if not field.takes_elsewhere:
        whose = "another environment" if kind == "output" else "Systems Manager"
        message = f"cannot be read from {whose}"
        raise Unreadable(node.source, message, f"{field.own}: write the value itself")
    for key, (where, _) in node.entries.items():
        if key != kind:
            raise Unreadable(where, f"{shown(key)} beside {kind}", "remove it")
    _, written = node.entries[kind]
    text = written.text if isinstance(written, Scalar) else ""
    if not re.search(pattern, text) or not text.isprintable():
        raise Unreadable(written.source, f"{shown(text)} does not name {what}", todo)
    return Elsewhere(**{kind: text})


def _secret(node: Node, field: Field) -> SecretReference:
    """Read a reference; what else is written may be the secret, so no message repeats it."""
    if not isinstance(node, Mapping):
        message = "is a secret, and everybody who sees the file could read it"
        raise Unreadable(node.source, message, f"write {_accepted(field)}")
    found: dict[str, str] = {}
    for key, (where, written) in node.entries.items():
        if key not in _SECRET:
            known = ", ".join(_SECRET)
            raise Unreadable(where, f"{shown(key)} is not a part of a secret", f"there are {known}")
        text = written.text if isinstance(written, Scalar) else ""
        pattern, words = _SECRET[key]
        if not re.search(pattern, text) or not text.isprintable():
            raise Unreadable(written.source, f"{key} is not {words}", f"write {_accepted(field)}")
        found[key] = text
    if "secret" not in found:
        raise Unreadable(node.source, "does not name the secret", f"write {_accepted(field)}")
    return SecretReference(**found)


def _scalar(node: Node, field: Field) -> Scalar:
    if isinstance(node, Scalar):
        return node
    kind = "a mapping" if isinstance(node, Mapping) else "a list"
    raise Unreadable(node.source, f"is {kind}", f"write one value: {_accepted(field)}")


def _members(node: Node, field: Field) -> tuple[str, ...]:
    if not isinstance(node, Listing):
        raise Unreadable(
            node.source, "is not a list", f"write [{', '.join(map(str, field.choices))}]"
        )
    members: list[str] = []
    for item in node.items:
        member = _text(_scalar(item, field), field)
        if member in members:
            raise Unreadable(item.source, f"{shown(member)} is listed twice", "keep one")
        members.append(member)
    return tuple(members)


def _flag(scalar: Scalar) -> bool:
    if scalar.quoted or scalar.text not in ("true", "false"):
        kind = "text" if scalar.quoted else "neither true nor false"
        hint = f"write {_TRUTHS.get(scalar.text.lower(), 'true or false')}, without quotes"
        raise Unreadable(scalar.source, f"{shown(scalar.text)} is {kind}", hint)
    return scalar.text == "true"


def _whole(scalar: Scalar, field: Field) -> int:
    if scalar.quoted or not _WHOLE.fullmatch(scalar.text):
        kind = "text" if scalar.quoted else "not a whole number in plain digits"
        hint = f"write {_accepted(field)} without quotes"
        raise Unreadable(scalar.source, f"{shown(scalar.text)} is {kind}", hint)
    value = int(scalar.text)
    if field.choices and value not in field.choices:
        raise Unreadable(scalar.source, f"{value} is not accepted", _accepted(field))
    if field.low is not None and value < field.low:
        raise Unreadable(scalar.source, f"{value} is below {field.low}", _accepted(field))
    if field.high is not None and value > field.high:
        raise Unreadable(scalar.source, f"{value} is above {field.high}", _accepted(field))
    return value


def _text(scalar: Scalar, field: Field) -> str:
    text = scalar.text
    if not scalar.quoted:
        _refuse_guesses(scalar, field)
    if _fits(text, field):
        return text
    if field.choices:
        raise Unreadable(scalar.source, f"{shown(text)} is not accepted", _instead(text, field))
    message = f"{shown(text)} does not fit{_misfit(text, field)}"
    raise Unreadable(scalar.source, message, _instead(text, field))


def _fits(text: str, field: Field) -> bool:
    if field.choices:
        return text in field.choices
    # `$` also matches before a final line feed, hence the first test.
    return text.isprintable() and re.search(field.pattern, text) is not None


def _misfit(text: str, field: Field) -> str:
    """The first character that is not allowed, counted from 1; "" if not known."""
    found = (
        re.search(f"[^{field.form.letters}]", text) if field.form and field.form.letters else None
    )
    if not found:
        return ""
    letter = "a space" if found[0] == " " else shown(found[0])
    return f": {letter} (character {found.start() + 1}) is not allowed"


def _instead(text: str, field: Field) -> str:
    """The accepted values, and the one that was probably meant."""
    if field.choices:
        close = guess(text, [str(choice) for choice in field.choices])
        hint = f"did you mean {close}? " if close else ""
        return hint + _accepted(field)
    if field.form is None:
        return _accepted(field)
    return f"{field.form.words}, for instance {_mended(text, field, field.form)}"


def _mended(text: str, field: Field, form: Form) -> str:
    """The text with forbidden characters replaced, if it then fits; otherwise the example."""
    cases = [text.lower(), text.upper(), text] if text.isprintable() else []
    signs = ("-", "") if form.letters else ()
    for mended in (
        *cases,
        *(re.sub(f"[^{form.letters}]+", s, one).strip("-") for s in signs for one in cases),
    ):
        if _fits(mended, field):
            return mended
    return form.example


def _refuse_guesses(scalar: Scalar, field: Field) -> None:
    """Refuse plain text that some YAML readers do not read as text, and so may change."""
    if _ALTERED.fullmatch(scalar.text):
        kind = "a number to YAML, which alters it (a leading zero is lost)"
    elif scalar.meaning != "str":
        kind = f"{_MEANINGS.get(scalar.meaning, 'not text')} to YAML"
    else:
        return
    message = f"{shortened(scalar.text)} is {kind}"
    if _fits(scalar.text, field):
        hint = f"put it in quotes: {shown(scalar.text)}"
    else:
        hint = f"in quotes it would not be accepted either: {_instead(scalar.text, field)}"
    raise Unreadable(scalar.source, message, hint)


def _accepted(field: Field) -> str:
    if field.kind == "secret":
        return "{secret: NAME, key: KEY}, a secret of Secrets Manager"
    if field.kind == "flag":
        return "true or false"
    if field.choices:
        several = "any of" if field.kind == "list" else "one of"
        return f"{several} {', '.join(map(str, field.choices))}"
    if field.kind == "whole":
        return f"a whole number from {field.low} to {field.high}"
    if field.form:
        return f"{field.form.words}, for instance {field.form.example}"
    return field.description
