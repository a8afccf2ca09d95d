"""Deployments: each moves an alias of a function from one version to another."""

from __future__ import annotations

import json
import secrets
import string
import threading
import time
from dataclasses import dataclass, field
from typing import Any, Final

from ministack.core.responses import AccountRegionScopedDict, get_account_id, get_region

from tapgen.local.services.codedeploy import groups
from tapgen.local.services.json_service import ServiceError

BEFORE, SHIFT, AFTER = "BeforeAllowTraffic", "AllowTraffic", "AfterAllowTraffic"
ENDED: Final = frozenset({"Succeeded", "Failed", "Stopped"})
_CHARACTERS: Final = string.ascii_uppercase + string.digits


@dataclass(frozen=True, slots=True)
class Move:
    """The content of an AppSpec: function, alias, current version, target version, hooks."""

    function: str
    alias: str
    current: str
    target: str
    hooks: dict[str, str] = field(default_factory=dict)
    """Lifecycle event -> the function that is called."""


@dataclass(slots=True)
class Deployment:
    """One deployment. `info` and `events` are as in GetDeployment and GetDeploymentTarget.

    StopDeployment sets `stop`. `answers` has the statuses that hooks have reported.
    """

    info: dict[str, Any]
    move: Move
    events: dict[str, dict[str, Any]]
    weight: float = 0.0
    stop: threading.Event = field(default_factory=threading.Event)
    rolls_back: bool = False
    """True if the request to stop it asked for a rollback, whatever the group's setting."""
    answers: dict[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return str(self.info["deploymentId"])

    @property
    def group(self) -> dict[str, Any]:
        """Its deployment group; empty if that was deleted."""
        name = (self.info["applicationName"], self.info["deploymentGroupName"])
        found: dict[str, Any] = groups.groups.get(name) or {}
        return found

    @property
    def alarms(self) -> dict[str, Any]:
        """The alarm configuration that applies to it."""
        own = self.info.get("overrideAlarmConfiguration")
        return own or self.group.get("alarmConfiguration") or {}

    def end(self, status: str, code: str = "", message: str = "") -> None:
        """Set its end. Remaining events are skipped, failed ones have failed."""
        self.info |= {"completeTime": time.time()}
        if code:
            self.info["errorInformation"] = {"code": code, "message": message}
        for event in self.events.values():
            if event["status"] in {"Pending", "InProgress"}:
                event["status"] = "Failed" if event["status"] == "InProgress" else "Skipped"
        self.info["status"] = status  # last, so that everything else is set when the status changes
        _running.pop(self.id, None)

    def target(self) -> dict[str, Any]:
        """GetDeploymentTarget's description of the only target, the alias."""
        move = self.move
        status = self.info["status"]
        place = f"{get_region()}:{get_account_id()}"
        return {
            "deploymentTargetType": "LambdaTarget",
            "lambdaTarget": {
                "deploymentId": self.id,
                "targetId": target_id(move),
                "targetArn": f"arn:aws:lambda:{place}:function:{move.function}:{move.alias}",
                "status": {"Stopped": "Failed", "Created": "Pending"}.get(status, status),
                "lastUpdatedAt": self.info.get("completeTime", self.info["createTime"]),
                "lifecycleEvents": [*self.events.values()],
                "lambdaFunctionInfo": {
                    "functionName": move.function,
                    "functionAlias": move.alias,
                    "currentVersion": move.current,
                    "targetVersion": move.target,
                    "targetVersionWeight": self.weight,
                },
            },
        }


_deployments = AccountRegionScopedDict()
_running: dict[str, Deployment] = {}  # in any account


def target_id(move: Move) -> str:
    return f"{move.function}:{move.alias}"


def made(app: str, group: str, move: Move, **more: Any) -> Deployment:
    """A new deployment, stored by its id."""
    identifier = "d-" + "".join(secrets.choice(_CHARACTERS) for _ in range(9))
    info = {
        "applicationName": app,
        "deploymentGroupName": group,
        "deploymentId": identifier,
        "status": "Created",
        "createTime": time.time(),
        "computePlatform": groups.PLATFORM,
        "deploymentStyle": {
            "deploymentType": "BLUE_GREEN",
            "deploymentOption": "WITH_TRAFFIC_CONTROL",
        },
        **more,
    }
    events = {
        name: {"lifecycleEventName": name, "status": "Pending"} for name in (BEFORE, SHIFT, AFTER)
    }
    deployment = Deployment(info, move, events)
    _deployments[identifier] = _running[identifier] = deployment
    return deployment


def found(identifier: str) -> Deployment:
    deployment = known(identifier)
    if deployment is None:
        raise ServiceError(
            "DeploymentDoesNotExistException",
            f"The deployment {identifier} could not be found",
        )
    return deployment


def known(identifier: str) -> Deployment | None:
    """The deployment with the id; None if there is none."""
    deployment: Deployment | None = _deployments.get(identifier)
    return deployment


def newest_first() -> list[Deployment]:
    return [*_deployments.values()][::-1]


def active(app: str, group: str) -> Deployment | None:
    """The deployment of a group that is in progress."""
    for one in newest_first():
        named = (one.info["applicationName"], one.info["deploymentGroupName"]) == (app, group)
        if named and one.info["status"] not in ENDED:
            return one
    return None


def clear() -> None:
    for deployment in [*_running.values()]:
        deployment.stop.set()
    _deployments.clear()


def read(revision: dict[str, Any]) -> Move:
    """Read an AppSpec in JSON. YAML is not supported here."""
    content = (revision.get("appSpecContent") or revision.get("string") or {}).get("content", "")
    try:
        document = json.loads(content)
        (resource,) = document["Resources"]
        ((_, declared),) = resource.items()
        properties = declared["Properties"]
        hooks = {event: name for one in document.get("Hooks", []) for event, name in one.items()}
        return Move(
            function=str(properties["Name"]),
            alias=str(properties["Alias"]),
            current=str(properties["CurrentVersion"]),
            target=str(properties["TargetVersion"]),
            hooks=hooks,
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ServiceError(
            "InvalidRevisionException", f"The revision was specified in an invalid format: {error}"
        ) from error
