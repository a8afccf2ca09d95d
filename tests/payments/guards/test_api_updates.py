"""An API that AWS is still updating is updated when that has ended, against the local AWS."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tapgen.deploy.flow.events import Note, Within
from tapgen.deploy.flow.host import SILENT
from tapgen.model.deployed.events import Failed, Skipped, Updated
from tapgen.payments.guards import api_updates
from tests.advice import advised, call_aws, told_commands
from tests.lab import Pressing, Reacting

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

    from tapgen.deploy.flow.events import Event
    from tapgen.model.stack import Stack
    from tests.lab import Lab

    Faults = Callable[[dict[str, Any]], None]

OLD, NEW = "SecurityPolicy_TLS13_1_2_2021_06", "SecurityPolicy_TLS13_1_3_2025_09"
LONG: Final = 300.0


def api(lab: Lab, tls: str, description: str) -> Stack:
    properties = {
        "Name": "lab",
        "Description": description,
        "SecurityPolicy": tls,
        "EndpointAccessMode": "STRICT",
    }
    resources = {"Api": {"Type": "AWS::ApiGateway::RestApi", "Properties": properties}}
    return lab.stack("api", resources, outputs={"Id": {"Ref": "Api"}})


def status(lab: Lab) -> str:
    calls = lab.client("apigateway")
    (found,) = calls.get_rest_apis()["items"]
    return str(calls.get_rest_api(restApiId=found["id"])["apiStatus"])


def api_id(lab: Lab) -> str:
    (found,) = lab.client("apigateway").get_rest_apis()["items"]
    return str(found["id"])


def change_tls(lab: Lab) -> None:
    lab.deploy(api(lab, OLD, "first"))
    assert isinstance(lab.deploy(api(lab, NEW, "first")).outcomes["api"], Updated)
    assert status(lab) == "UPDATING"


def waiting(event: Event) -> bool:
    inner = event.event if isinstance(event, Within) else event
    return isinstance(inner, Note) and inner.text.startswith("waiting for the update")


def test_an_update_waits_for_the_one_before(lab: Lab, faults: Faults) -> None:
    faults({"apis": LONG})
    change_tls(lab)
    deployment = lab.deployment(api(lab, NEW, "second"))
    plan = lab.plan(deployment)
    host = Reacting(then=lambda event: faults({"apis": 0.0}) if waiting(event) else None)
    assert isinstance(deployment.carry_out(plan, host)["api"], Updated)
    assert [event.text for event in host.events if isinstance(event, Note)] == [
        f"waiting for the update of the API {api_id(lab)} that is in progress, at most 30 minutes"
    ]


def test_what_changes_something_else_waits_for_nothing(lab: Lab, faults: Faults) -> None:
    faults({"apis": LONG})
    change_tls(lab)
    stack = api(lab, NEW, "first")
    more = {**stack.template.document["Resources"], "Note": lab.note()}
    ran = lab.deploy(lab.stack("api", more, outputs={"Id": {"Ref": "Api"}}))
    assert isinstance(ran.outcomes["api"], Updated)
    assert not any(map(waiting, ran.events))


def test_who_has_waited_in_vain_is_told_how_to_look(
    lab: Lab, faults: Faults, monkeypatch: pytest.MonkeyPatch
) -> None:
    faults({"apis": LONG})
    change_tls(lab)
    monkeypatch.setattr(api_updates, "_SECONDS", 1.0)
    failed = lab.deploy(api(lab, NEW, "second")).outcomes["api"]
    assert isinstance(failed, Failed)
    assert failed.reason == (
        f"the update of the API {api_id(lab)} that is in progress did not end within 1 s"
    )
    assert "shows its apiStatus: wait until it is AVAILABLE. Then run" in failed.hint
    (look,), (again,) = told_commands(failed.hint, "aws"), advised(failed.hint)
    account = lab.target(api(lab, NEW, "second")).account
    assert call_aws(account, look)["apiStatus"] == "UPDATING"
    assert again == "deploy --env lab --local"
    assert lab.status("api") == "UPDATE_COMPLETE"


def test_ctrl_c_ends_the_waiting(lab: Lab, faults: Faults) -> None:
    faults({"apis": LONG})
    change_tls(lab)
    fleet = lab.fleet(api(lab, NEW, "second"))
    fleet.plan(SILENT)
    host = Pressing(when=lambda event, _: waiting(event))
    host.carry_out(fleet)
    assert fleet.outcomes["lab"] == {"api": Skipped("interrupted")}
    assert lab.change_sets("api") == []
