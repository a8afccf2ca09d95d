"""The output of `tapgen bootstrap`, apart from the run itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from tapgen.cli import machine
from tapgen.cli.terminal import echo, remark
from tapgen.cli.views.text import table

if TYPE_CHECKING:
    from tapgen.deploy.bootstrap.check import Checked
    from tapgen.operations.accounts import Baseline


def show_template(baseline: Baseline) -> None:
    """Print the template, byte for byte as it is deployed."""
    echo(baseline.template.text, nl=False)


def show_parameters(baseline: Baseline) -> None:
    """Print the parameter values of its one environment, as a file for the AWS CLI."""
    (values,) = baseline.parameters.values()
    form = [{"ParameterKey": key, "ParameterValue": values[key]} for key in sorted(values)]
    echo(json.dumps(form, indent=2))


def show_checked(found: Mapping[str, Checked], output: str, suffix: str) -> None:
    """Print what each account lacks; `suffix` are options to repeat in a suggested command."""
    if output == "json":
        machine.show({"environments": {name: _record(one) for name, one in found.items()}})
        return
    rows = [
        [name if first else "", one.verdict.value if first else "", reason]
        for name, one in found.items()
        for first, reason in _marked([*one.reasons, *_missing_settings(one)])
    ]
    echo(table(["environment", "baseline", "what"], rows))
    wanted = [f"--env {name}" for name, one in found.items() if one.reasons]
    if wanted:
        remark(f"next: `{' '.join(['tapgen bootstrap', *wanted])}{suffix}`, as an administrator")


def advise(settings: Mapping[str, Mapping[str, str]]) -> None:
    """Print the settings that environments still need in order to use what was created."""
    for name, wanted in settings.items():
        if wanted:
            lines = "".join(f"\n  {key}: {value}" for key, value in wanted.items())
            remark(f"next: add these to the settings of {name}:{lines}")


def _record(one: Checked) -> dict[str, object]:
    return {
        "baseline": one.verdict.value,
        "reasons": list(one.reasons),
        "settings": dict(one.settings),
        "outputs": dict(one.outputs),
    }


def _missing_settings(one: Checked) -> list[str]:
    return [f"{name} should be {value}" for name, value in one.settings.items()]


def _marked(lines: list[str]) -> list[tuple[bool, str]]:
    return [(number == 0, line) for number, line in enumerate(lines or ["-"])]
