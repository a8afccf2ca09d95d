"""A project's configuration: its platform, its folders, its stages, its AWS profiles.

It is `[tool.tapgen]` in the `pyproject.toml` of the project's folder, or its `tapgen.toml`, which
wins if both exist. The folder is searched from the working folder upwards, so that tapgen works
in folders below. Without one, the working folder is a project of the platform that comes with
tapgen, with all defaults.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tapgen.errors import TapgenError, UsageError
from tapgen.model.layer import TEMPLATES_FOLDER
from tapgen.model.limits import CALLER_ARN, ISSUER, LEDGER_DAYS, REPOSITORY

if TYPE_CHECKING:
    from tapgen.settings.faults import Fault

# The platform of a project that names none; no other module of the engine names a platform.
DEFAULT_PLATFORM: Final = "tapgen.payments.platform:PLATFORM"
# Stands for the environment in the name of a profile: each environment has its own account.
PLACEHOLDER: Final = "{env}"

PROJECT_VARIABLE: Final = "TAPGEN_PROJECT"
_FILE, _PYPROJECT, _TABLE = "tapgen.toml", "pyproject.toml", "tool.tapgen"
_BY_DEFAULT: Final = "default"
# Variables with credentials (AWS SDKs and tools reference guide, "Environment variables").
_CREDENTIALS: Final = (
    "AWS_PROFILE",
    "AWS_ACCESS_KEY_ID",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
)
# Patterns are compiled when they are needed: most projects need none.
_STAGE: Final = r"[a-z][a-z0-9-]*"
_PLACE_IN_MESSAGE: Final = r" \(at (?:line (\d+), column (\d+)|end of document)\)$"


class Value(NamedTuple):
    """The value of one key, and its origin: `file:line`, a variable, an option, or default."""

    value: Any
    origin: str = _BY_DEFAULT


class _Key(NamedTuple):
    """One key: its default, its form in words with an example, its check, and its variable."""

    default: Any
    form: str
    fits: Callable[[Any], bool]
    variable: str = ""


def _matches(pattern: str) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and bool(re.search(pattern, value))


def _names_something(reference: str) -> bool:
    module, colon, name = reference.partition(":")
    return bool(colon) and all(part.isidentifier() for part in (*module.split("."), name))


def _is_folder(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip()) and "\0" not in value


def _are(fits: Callable[[Any], bool]) -> Callable[[Any], bool]:
    def all_fit(values: Any) -> bool:
        return (
            isinstance(values, list)
            and bool(values)
            and all(isinstance(value, str) and fits(value) for value in values)
            and len(set(values)) == len(values)
        )

    return all_fit


_FOLDER_FORM: Final = 'a folder below the project, such as "{}"'
KEYS: Final[Mapping[str, _Key]] = {
    "platform": _Key(
        DEFAULT_PLATFORM,
        'a name in a module, such as "our_platform.platform:PLATFORM"',
        lambda value: isinstance(value, str) and _names_something(value),
        "TAPGEN_PLATFORM",
    ),
    "pythonpath": _Key(
        ["."],
        'folders from which the platform is imported, such as ["src"], each once',
        _are(_is_folder),
    ),
    "envs": _Key("envs", _FOLDER_FORM.format("envs"), _is_folder, "TAPGEN_ENVS_DIR"),
    "templates": _Key(
        TEMPLATES_FOLDER, _FOLDER_FORM.format(TEMPLATES_FOLDER), _is_folder, "TAPGEN_TEMPLATES"
    ),
    "prices": _Key("prices.csv", 'a file below the project, such as "prices.csv"', _is_folder, ""),
    "stages": _Key(
        None,
        'names of environments in the order of promotion, such as ["dev", "prod"], each once',
        _are(lambda value: bool(re.fullmatch(_STAGE, value))),
    ),
    "profile": _Key(
        None,
        'an AWS profile, in whose name {env} stands for the environment, such as "our-{env}"',
        lambda value: isinstance(value, str) and bool(value.strip()),
        "TAPGEN_PROFILE",
    ),
    # The trusted CI is the same for all environments, and not a setting: the people who deploy an
    # environment can change its settings.
    "bootstrap.repository": _Key(
        None, 'a repository, such as "our-team/payments"', _matches(REPOSITORY)
    ),
    "bootstrap.issuer": _Key(
        "token.actions.githubusercontent.com",
        'the address of an identity provider without https://, such as "gitlab.com"',
        _matches(ISSUER),
    ),
    "bootstrap.audience": _Key(
        "sts.amazonaws.com",
        'the audience of its tokens, such as "sts.amazonaws.com"',
        _matches(r"^[\x21-\x7e]{1,255}$"),
    ),
    "bootstrap.deploying": _Key(
        "repo:{repository}:environment:{env}",
        "the subject of the tokens of jobs that deploy, with {repository} and {env}, such as "
        '"repo:{repository}:environment:{env}"',
        _matches(r"^(?=.*\{repository\})(?=.*\{env\})[^*?$]+$"),
    ),
    "bootstrap.reviewing": _Key(
        "repo:{repository}:*",
        "the subjects of the tokens of jobs that plan, with {repository}, such as "
        '"repo:{repository}:*"',
        _matches(r"^[^*?$]*\{repository\}:[^$]*$"),
    ),
    "bootstrap.approvers": _Key(
        [],
        "ARNs of roles or users, in which {account} stands for the environment's account and * for "
        'anything, such as ["arn:aws:iam::{account}:role/release-manager"], each once',
        _are(lambda value: bool(re.search(CALLER_ARN, value.replace("{account}", "0" * 12)))),
    ),
    "bootstrap.ledger_days": _Key(
        400,
        "a number of days from 1 to 36500, such as 400",
        lambda value: type(value) is int and LEDGER_DAYS.low <= value <= LEDGER_DAYS.high,
    ),
    "bootstrap.ledger_mode": _Key(
        "governance",
        '"governance" or "compliance"',
        lambda value: value in {"governance", "compliance"},
    ),
}
"""The keys of a project's configuration. By default, the platform has the stages.

The part before a dot is a table.
"""


class ConfigurationFaults(TapgenError):  # noqa: N818 - a collection, and named as one
    """All faults of a project's configuration, one a line in file order."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__(
            "\n".join(map(str, self.faults)),
            "correct the configuration and try again",
        )


@dataclass(frozen=True)
class Configuration:
    """A project's folder (absolute) and the value of each key, with its origin."""

    folder: Path
    origin: str = _BY_DEFAULT
    values: Mapping[str, Value] = field(
        default_factory=lambda: {name: Value(key.default) for name, key in KEYS.items()}
    )

    def __getitem__(self, key: str) -> Any:
        return self.values[key].value

    def path(self, key: str) -> Path:
        """The folder that `key` names, relative to the working folder."""
        return seen_from_here(self.folder / self[key])

    def with_options(self, told: Mapping[str, tuple[str, Path | None]]) -> Configuration:
        """The same with options applied: key -> the option, and the path it names, if any."""
        given = {
            key: Value(os.path.relpath(path, self.folder), option)
            for key, (option, path) in told.items()
            if path is not None
        }
        return replace(self, values={**self.values, **given})

    @property
    def profile(self) -> str | None:
        """The AWS profile, unless variables provide credentials.

        In CI, credentials come from variables, and there is no profile: AWS_PROFILE and variables
        with credentials override the file, and TAPGEN_PROFILE overrides both.
        """
        value: Value = self.values["profile"]
        told = value.origin != KEYS["profile"].variable and any(map(_set, _CREDENTIALS))
        return None if told else value.value

    @property
    def import_folders(self) -> list[Path]:
        """Absolute folders from which the platform is imported; empty for tapgen's own."""
        if self["platform"] == DEFAULT_PLATFORM:
            return []
        return [self.folder / folder for folder in self["pythonpath"]]


def seen_from_here(path: Path) -> Path:
    """The path relative to the working folder, as a person there would write it."""
    return Path(os.path.relpath(path))


def find(folder: Path | None = None) -> Configuration:
    """The configuration of the project in `folder`, or of the current project.

    - `folder`: the project's folder; if not given, `TAPGEN_PROJECT`, or a search from the working
      folder upwards.

    Raises `UsageError` if the folder does not exist, `ConfigurationFaults` with all faults.
    """
    named = folder or (Path(os.environ[PROJECT_VARIABLE]) if _set(PROJECT_VARIABLE) else None)
    if named is not None:
        origin = "--project" if folder else PROJECT_VARIABLE
        if not named.is_dir():
            from tapgen.settings.faults import shown

            raise UsageError(
                f"{origin}: {shown(str(named))} is not a folder",
                "Name the folder that holds the project's tapgen.toml or pyproject.toml.",
            )
        return _configuration(named.resolve(), _table_in(named) or _Table({}, None), origin)
    here = Path.cwd()
    for candidate in (here, *here.parents):
        if (table := _table_in(candidate)) is not None:
            return _configuration(candidate, table, str(seen_from_here(table.path)))
    return _configuration(here, _Table({}, None), _BY_DEFAULT)


def _set(variable: str) -> bool:
    """Whether it has a value: CI sets unknown variables to an empty one."""
    return bool(os.environ.get(variable))


class _Table(NamedTuple):
    """The content of a file, with its path and text; without a path if there is no file."""

    values: Mapping[str, Any]
    path: Any
    text: str = ""
    heading: str = ""

    def place(self, key: str) -> tuple[str, int, int]:
        """File, line and column of the key, or of the table's heading if it is not found."""
        file = str(seen_from_here(self.path))
        table, _, last = key.rpartition(".")
        # A key with a dot is in a table of its own, or with its dot in the table above.
        own = ".".join(filter(None, (self.heading, table)))
        wanted = {self.heading: key, own: last}
        heading, found = "", 1
        for number, line in enumerate(self.text.splitlines(), start=1):
            bare = line.strip()
            if bare.startswith("["):
                heading = bare.split("#")[0].strip().strip("[]")
                found = number if heading == self.heading else found
            elif (name := wanted.get(heading)) and re.match(
                rf"[\"']?{re.escape(name)}[\"']?\s*[=.]", bare
            ):
                return file, number, 1 + line.index(bare)
        return file, found, 1


def _table_in(folder: Path) -> _Table | None:
    """The project's configuration in the folder; None if there is none."""
    for name, heading in ((_FILE, ""), (_PYPROJECT, _TABLE)):
        path = folder / name
        try:
            if not path.is_file():
                continue
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise TapgenError(
                f"{seen_from_here(path)}: cannot be read: {error}", "Make it a readable text file."
            ) from error
        # Most projects have a pyproject.toml, which takes a while to parse.
        if heading and f"[{heading}" not in text:
            continue
        table = _parsed(path, text)
        for part in heading.split(".") if heading else ():
            table = table.get(part, {})
        return _Table(_flat(table), path, text, heading)
    return None


def _flat(table: Mapping[str, Any]) -> dict[str, Any]:
    """The table with the keys of known inner tables under dotted names."""
    found: dict[str, Any] = {}
    for name, value in table.items():
        if isinstance(value, dict) and any(key.startswith(f"{name}.") for key in KEYS):
            found |= {f"{name}.{inner}": one for inner, one in value.items()}
        else:
            found[name] = value
    return found


def _parsed(path: Path, text: str) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        from tapgen.settings.faults import Fault, Source

        place = re.search(_PLACE_IN_MESSAGE, str(error))
        message = str(error)[: place.start()] if place else str(error)
        last = len(text.splitlines()) or 1
        line, column = (int(part or 0) for part in place.groups()) if place else (0, 0)
        source = Source(str(seen_from_here(path)), line or last, column or 1)
        raise ConfigurationFaults([Fault(source, "", f"is not TOML: {message}")]) from error


def _configuration(folder: Path, table: _Table, origin: str) -> Configuration:
    values = {}
    wrong = [name for name in table.values if name not in KEYS]
    for name, key in KEYS.items():
        if key.variable and _set(key.variable):
            values[name] = Value(os.environ[key.variable], key.variable)
        elif name in table.values:
            file, line, _ = table.place(name)
            values[name] = Value(table.values[name], f"{file}:{line}")
        else:
            values[name] = Value(key.default)
            continue
        if not key.fits(values[name].value):
            wrong.append(name)
    if wrong:
        raise ConfigurationFaults(_faults(wrong, values, table))
    return Configuration(folder, origin, values)


def _faults(wrong: list[str], values: Mapping[str, Value], table: _Table) -> list[Fault]:
    """The faults of these keys: variables first, then the file in order."""
    from tapgen.settings.faults import Fault, Source, guess, shown

    found = []
    for name in wrong:
        if name not in KEYS:
            close = guess(name, list(KEYS))
            hint = f"did you mean {close}?" if close else f"known keys: {', '.join(KEYS)}"
            message = "is not a known key"
            found.append(Fault(Source(*table.place(name)), name, message, hint))
            continue
        value, origin = values[name]
        told = shown(value) if isinstance(value, str) else value
        message = f"{told} is not {KEYS[name].form}"
        if origin == KEYS[name].variable:
            found.append(Fault(None, origin, message))
        else:
            found.append(Fault(Source(*table.place(name)), name, message))
    return sorted(found, key=lambda fault: fault.source or Source("", 0))
