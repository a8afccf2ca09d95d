"""One function for each task: the order of its steps, and nothing else.

The command line calls these functions, and so can any program: they are the public Python API.
They print nothing, and ask only through their host. docs/python.md shows how to use them.

    from tapgen import operations
    from tapgen.project import Project

    done = operations.deploy(Project(local=True), ["dev"], operations.Recorder())

Modules are imported when a name is used, so that a program loads only what it calls.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from tapgen.deploy.flow.host import SILENT, Host, Question, Recorder
    from tapgen.deploy.run.step import Choices
    from tapgen.deploy.stack.interrupt import Interrupt
    from tapgen.operations.accounts import (
        bootstrap,
        bootstrap_template,
        check_bootstrap,
        plan_bootstrap,
    )
    from tapgen.operations.audit.evidence import evidence, sign_evidence
    from tapgen.operations.beginning import init
    from tapgen.operations.deployment import (
        How,
        deploy,
        deploy_plan,
        discard_plan,
        plan,
        promote,
    )
    from tapgen.operations.observation import drift, outputs, repair, status, verify
    from tapgen.operations.permissions import policies
    from tapgen.operations.record.approval import approvals, approve
    from tapgen.operations.record.releases import history, release
    from tapgen.operations.removal import destroy
    from tapgen.operations.rendering import render, render_resolved
    from tapgen.operations.rescue import cancel, recover, watch
    from tapgen.operations.reversal import rollback
    from tapgen.operations.review import Scanners, diff, explain, lint, report
    from tapgen.operations.sameness import behaviour, parity
    from tapgen.operations.spending import cost

__all__ = [
    "SILENT",
    "Choices",
    "Host",
    "How",
    "Interrupt",
    "Question",
    "Recorder",
    "Scanners",
    "adopt",
    "approvals",
    "approve",
    "behaviour",
    "bootstrap",
    "bootstrap_template",
    "cancel",
    "check_bootstrap",
    "cost",
    "deploy",
    "deploy_plan",
    "destroy",
    "diff",
    "discard_plan",
    "drift",
    "evidence",
    "explain",
    "history",
    "init",
    "lint",
    "outputs",
    "parity",
    "plan",
    "plan_bootstrap",
    "policies",
    "promote",
    "recover",
    "release",
    "render",
    "render_resolved",
    "repair",
    "report",
    "rollback",
    "sign_evidence",
    "status",
    "verify",
    "watch",
]

_HOST: Final = "tapgen.deploy.flow.host"
_WHERE: Final = {
    **dict.fromkeys(("SILENT", "Host", "Question", "Recorder"), _HOST),
    "Choices": "tapgen.deploy.run.step",
    "Interrupt": "tapgen.deploy.stack.interrupt",
    **dict.fromkeys(
        ("How", "deploy", "deploy_plan", "discard_plan", "plan", "promote"),
        f"{__name__}.deployment",
    ),
    **dict.fromkeys(("drift", "outputs", "repair", "status", "verify"), f"{__name__}.observation"),
    "adopt": f"{__name__}.adoption",
    **dict.fromkeys(("approvals", "approve"), f"{__name__}.record.approval"),
    **dict.fromkeys(
        ("bootstrap", "bootstrap_template", "check_bootstrap", "plan_bootstrap"),
        f"{__name__}.accounts",
    ),
    "cost": f"{__name__}.spending",
    "destroy": f"{__name__}.removal",
    "init": f"{__name__}.beginning",
    **dict.fromkeys(("evidence", "sign_evidence"), f"{__name__}.audit.evidence"),
    **dict.fromkeys(("history", "release"), f"{__name__}.record.releases"),
    **dict.fromkeys(("behaviour", "parity"), f"{__name__}.sameness"),
    **dict.fromkeys(("render", "render_resolved"), f"{__name__}.rendering"),
    **dict.fromkeys(("cancel", "recover", "watch"), f"{__name__}.rescue"),
    **dict.fromkeys(("Scanners", "diff", "explain", "lint", "report"), f"{__name__}.review"),
    "policies": f"{__name__}.permissions",
    "rollback": f"{__name__}.reversal",
}


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_WHERE[name]), name)
