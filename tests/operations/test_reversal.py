"""Rollbacks on the local AWS: what is deployed again, what stays, what is refused."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from tapgen.deploy.flow.events import RollsBack
from tapgen.deploy.flow.host import Recorder
from tapgen.deploy.record.ledger import Ledger
from tapgen.deploy.record.places import Folder
from tapgen.deploy.run.step import Choices
from tapgen.errors import RefusedError, TapgenError, UsageError
from tapgen.model.layer import OutputRef
from tapgen.model.stack import CODE_KEY_SETTING, Stack
from tapgen.model.templates.template import Template
from tapgen.operations.deployment import Deployed, How, ask_and_do, deploy_plan, plan_all, run_over
from tapgen.operations.record.records import Records
from tapgen.operations.record.restoration import restoration
from tapgen.operations.reversal import RolledBack, rollback
from tapgen.render.code.function_package import Code
from tests.lab import CODE, REGION

if TYPE_CHECKING:
    from collections.abc import Callable

    from tapgen.deploy.target.target import Target
    from tapgen.model.release import Begun
    from tests.lab import Lab

    Faults = Callable[[dict[str, Any]], None]

pytestmark = pytest.mark.slow

OTHER = Code((("functions/handler.py", b"other"),))
BUCKET = OutputRef("storage", "ArtifactsBucketName")


@dataclass
class LabProject:
    """A project whose only environment is that of the laboratory, declared as `stacks`."""

    lab: Lab
    folder: Path
    stacks: tuple[Stack, ...] = ()
    record: bool = True
    reason: str = ""
    unapproved: str = ""

    def looking(self) -> LabProject:
        return self

    def as_planned(self, _rollout: str | None) -> LabProject:
        return self

    def target(self, _: str) -> Target:
        return self.lab.target(*self.stacks)

    def targets(self, _: list[str]) -> list[Target]:
        return [self.target("lab")]

    def ledger(self, _: Target) -> Ledger:
        return Ledger(Folder(self.folder / "ledger"), REGION, "lab")

    def environments(self, _: list[str]) -> list[Any]:
        settings = SimpleNamespace(deployment=SimpleNamespace(promoted_from=None))
        return [SimpleNamespace(name="lab", settings=settings)]

    # --- what is done to it ---

    def deploy(self, *stacks: Stack, only: tuple[str, ...] = ()) -> Deployed:
        """Declare these stacks, and deploy them or some of their layers."""
        self.stacks = stacks
        host = Recorder()
        fleet = run_over([self.target("lab")], only, How(), {}, lambda _: self.target("lab"))
        with fleet.held("deploy", host, look_first=False):
            plan_all(fleet, host)
            records: Any = Records(self, "deploy")  # type: ignore[arg-type] # as much as is needed
            return ask_and_do(fleet, host, How().interrupt, records)

    def back(self, host: Recorder | None = None, how: How | None = None, **more: Any) -> RolledBack:
        found: Any = self
        return rollback(found, "lab", host or Recorder(), how, **more)

    def begun(self, number: int) -> Begun:
        release = self.ledger(self.target("lab")).read(number)
        assert release is not None
        return release.begun

    def value(self, layer: str, logical_id: str = "Note") -> str:
        """What a note of a deployed layer says."""
        cloudformation, ssm = self.lab.client("cloudformation"), self.lab.client("ssm")
        found = cloudformation.describe_stack_resource(
            StackName=f"lab-{layer}", LogicalResourceId=logical_id
        )
        name = found["StackResourceDetail"]["PhysicalResourceId"]
        return str(ssm.get_parameter(Name=name)["Parameter"]["Value"])


@pytest.fixture
def project(lab: Lab, tmp_path: Path) -> LabProject:
    return LabProject(lab, tmp_path)


def note(lab: Lab, layer: str, value: str, **more: Any) -> Stack:
    return lab.stack(
        layer,
        {"Note": lab.note({"Ref": "Value"})},
        parameters={"Value": value},
        outputs={"Name": {"Ref": "Note"}},
        **more,
    )


def notes(host: Recorder) -> tuple[str, ...]:
    (event,) = [event for event in host.events if isinstance(event, RollsBack)]
    return event.notes


def test_the_environment_is_what_its_layers_were_and_newer_ones_stay(
    project: LabProject, lab: Lab
) -> None:
    first, zone = note(lab, "data", "one"), note(lab, "zone", "one")
    project.deploy(first, zone)
    project.deploy(note(lab, "data", "two"), note(lab, "zone", "two"), only=("data",))
    project.deploy(
        note(lab, "data", "three"),
        note(lab, "zone", "three"),
        lab.stack("cdn", {"Note": lab.note()}, inputs={"In": OutputRef("data", "Name")}),
    )
    host = Recorder()
    done = project.back(host)
    assert (done.release, [*done.made.plans["lab"].entries]) == (2, ["data", "zone"])
    assert (project.value("data"), project.value("zone")) == ("two", "one")
    assert project.value("cdn") == "one"
    assert notes(host) == ("release 2 does not have cdn: left as deployed",)
    begun = project.begun(4)
    assert (begun.command, begun.source, begun.rolls_back_to) == ("rollback", "release 2", 2)
    assert done.done is not None
    assert done.done.releases == {"lab": 4}
    assert done.command == "tapgen deploy --env lab --local"
    again = project.back()  # the environment is from release 2 by now
    assert again.release == 1
    assert project.value("data") == "one"


def test_some_layers_go_back_alone_and_others_are_named(project: LabProject, lab: Lab) -> None:
    for value in ("one", "two"):
        project.deploy(note(lab, "data", value), note(lab, "zone", value))
    with pytest.raises(UsageError, match="release 1 of lab has no layer cdn") as told:
        project.back(layers=("cdn", "data"))
    assert told.value.hint == "Its layers: data, zone."
    project.back(layers=("zone",))
    assert (project.value("data"), project.value("zone")) == ("two", "one")


def test_a_dry_run_leaves_nothing_and_a_second_rollback_has_nothing_to_do(
    project: LabProject, lab: Lab
) -> None:
    for value in ("one", "two"):
        project.deploy(note(lab, "data", value))
    done = project.back(dry_run=True)
    assert (done.done, done.made.has_changes) == (None, True)
    assert (lab.change_sets("data"), project.value("data")) == ([], "two")
    assert not project.back(to=2).made.has_changes
    assert [*project.ledger(project.target("lab")).numbers()] == [1, 2]


def secret(lab: Lab, value: str, hidden: str, **more: str) -> Stack:
    """AWS tells of `Password` what it is, and of `Hidden` that it is secret."""
    stack = lab.stack(
        "data",
        {name: lab.note({"Ref": name}) for name in ("Value", "Password", "Hidden")},
        parameters={"Value": value, "Password": hidden, "Hidden": hidden, **more},
    )
    document = json.loads(stack.template.text)
    document["Parameters"]["Hidden"]["NoEcho"] = True
    return replace(stack, template=Template("data", json.dumps(document, indent=1)))


def test_secrets_which_no_record_has_stay_as_they_are_deployed(
    project: LabProject, lab: Lab
) -> None:
    project.deploy(secret(lab, "one", "first"))
    assert "first" not in str(project.begun(1).stacks)
    project.deploy(secret(lab, "two", "second"))
    host = Recorder()
    project.back(host)
    assert project.value("data", "Value") == "one"
    assert {project.value("data", name) for name in ("Password", "Hidden")} == {"second"}
    assert notes(host) == tuple(
        f"data.{name} is secret and not recorded: the deployed value is used"
        for name in ("Hidden", "Password")
    )


def test_where_nothing_is_deployed_secrets_are_those_of_today(
    project: LabProject, lab: Lab
) -> None:
    project.deploy(secret(lab, "one", "first"))
    lab.destroy(*project.stacks)
    project.stacks = (secret(lab, "now", "today"),)
    host = Recorder()
    project.back(host, to=1)
    assert project.value("data", "Value") == "one"
    assert project.value("data", "Hidden") == "today"
    assert notes(host)[0] == "data.Hidden is secret and not recorded: the current setting is used"
    lab.destroy(*project.stacks)
    project.stacks = (note(lab, "zone", "x"),)
    with pytest.raises(TapgenError) as told:
        project.back(to=1)
    assert told.value.message.count("is secret and not recorded; it is not deployed") == 2


def test_todays_guards_refuse_what_would_be_lost(project: LabProject, lab: Lab) -> None:
    def keyed(key: str, *, protected: bool) -> Stack:
        table = lab.table(None, key)
        del table["Properties"]["TableName"]
        return lab.stack("data", {"Table": table}, protected=protected)

    project.deploy(keyed("old", protected=False))
    project.deploy(keyed("new", protected=False))
    project.deploy(keyed("new", protected=True))
    host = Recorder()
    with pytest.raises(RefusedError, match=r"data\.Table .* would be replaced and lab is protect"):
        project.back(host, to=1)
    assert notes(host)[0].startswith("release 2 may have replaced data.Table (AWS::Dyn")
    assert [*project.ledger(project.target("lab")).numbers()] == [1, 2, 3]
    allowed = Choices(allowed_losses=frozenset({"data.Table"}))
    done = project.back(how=How(allowed), to=1)
    assert done.done is not None
    assert lab.client("cloudformation").describe_stacks(StackName="lab-data")["Stacks"][0][
        "EnableTerminationProtection"
    ]
    assert project.begun(4).lifted == ("--allow-replacement data.Table",)


def with_code(lab: Lab, layer: str, code: Code) -> Stack:
    return lab.stack(
        layer,
        {"Note": lab.note({"Ref": "Key"})},
        parameters={"Key": code.key},
        inputs={"Bucket": BUCKET},
        settings={"Key": CODE_KEY_SETTING},
    )


def test_each_layer_gets_the_code_of_its_own_release(project: LabProject, lab: Lab) -> None:
    storage = lab.storage()
    project.deploy(storage, with_code(lab, "api", CODE), with_code(lab, "jobs", CODE))
    lab.code = OTHER
    project.deploy(
        storage, with_code(lab, "api", OTHER), with_code(lab, "jobs", OTHER), only=("jobs",)
    )
    project.deploy(storage, with_code(lab, "api", OTHER), with_code(lab, "jobs", OTHER))
    lab.code = Code((("functions/handler.py", b"third"),))
    project.deploy(storage, with_code(lab, "api", lab.code), with_code(lab, "jobs", lab.code))
    s3, bucket = lab.client("s3"), f"lab-artifacts-{lab.account}"
    for code in (CODE, OTHER):
        s3.delete_object(Bucket=bucket, Key=code.key)
    project.back(to=2)
    assert (project.value("api"), project.value("jobs")) == (CODE.key, OTHER.key)
    for code in (CODE, OTHER):
        assert s3.get_object(Bucket=bucket, Key=code.key)["Body"].read() == code.zip()
    begun = project.begun(5)
    assert {f"content/{code.sha256}.zip" for code in (CODE, OTHER)} < set(begun.content)
    assert begun.code_sha256 == CODE.sha256


def test_a_layer_that_was_deleted_and_is_not_declared_any_more_is_made_again(
    project: LabProject, lab: Lab
) -> None:
    old = note(lab, "cache", "old")
    project.deploy(note(lab, "data", "one"), old)
    found: Any = project
    with Records(found, "destroy").kept(lab.run(*project.stacks), ["cache"]) as kept:
        kept.outcomes.update(lab.destroy(old).outcomes)
    project.deploy(note(lab, "data", "two"), note(lab, "dns", "x"))
    host = Recorder()
    project.back(host, to=1)
    assert (project.value("cache"), project.value("data")) == ("old", "one")
    deleted = "release 2 deleted cache: created again, taking over only what was retained"
    assert notes(host) == (deleted, "release 1 does not have dns: left as deployed")
    project.deploy(note(lab, "data", "three"))
    host = Recorder()
    project.back(host, to=3)
    assert notes(host) == ("release 3 does not have cache: left as deployed",)


def test_what_stays_may_take_what_is_not_given_any_more(project: LabProject, lab: Lab) -> None:
    bare = lab.stack("data", {"Note": lab.note()})
    project.deploy(bare)
    here, far = OutputRef("data", "Name"), OutputRef("data", "X", environment="qa")
    given = note(lab, "data", "one")
    project.deploy(given, lab.stack("api", {"Note": lab.note()}, inputs={"In": here}))
    api = lab.stack("api", {"Note": lab.note()}, inputs={"In": here, "Far": far})
    project.stacks = (given, api)
    host = Recorder()
    project.back(host, dry_run=True)
    assert notes(host) == (
        "release 1 does not have api: left as deployed",
        "api needs data.Name, which release 1 does not have",
    )


def test_a_reviewed_plan_leads_back_and_no_other(
    project: LabProject, lab: Lab, tmp_path: Path
) -> None:
    for value in ("one", "two"):
        project.deploy(note(lab, "data", value))
    plan, found = tmp_path / "plan.json", project
    made = project.back(out=plan).made
    assert made.command == f"tapgen deploy --env lab --plan {plan} --local"
    assert json.loads(plan.read_text())["rolls_back_to"] == 1
    host = Recorder()
    done = deploy_plan(found, plan, host)  # type: ignore[arg-type] # as much as is needed
    assert done.releases == {"lab": 3}
    assert project.value("data") == "one"
    begun = project.begun(3)
    assert (begun.command, begun.rolls_back_to) == ("deploy --plan", 1)
    assert begun.plan_digest == json.loads(plan.read_text())["digest"]
    assert notes(host) == ()
    with pytest.raises(RefusedError, match="no longer valid") as told:
        deploy_plan(found, plan, host)  # type: ignore[arg-type] # as much as is needed
    assert "`tapgen rollback --env lab --to 1 --out FILE --local`" in told.value.hint


def test_what_failed_halfway_names_the_way_back_which_leads_out(
    project: LabProject, lab: Lab, faults: Faults
) -> None:
    project.deploy(note(lab, "data", "one"), note(lab, "zone", "one"))
    bad = lab.stack("zone", {"Bad": lab.note("two")})
    faults({"create:Bad": "no"})
    done = project.deploy(note(lab, "data", "two"), bad)
    faults({})
    way = done.ways_back["lab"]
    assert (way.release, way.command) == (1, "tapgen rollback --env lab --local")
    project.back()
    assert (project.value("data"), project.value("zone")) == ("one", "one")


def test_where_nothing_else_was_changed_no_way_back_is_named(
    project: LabProject, lab: Lab, faults: Faults
) -> None:
    project.deploy(note(lab, "data", "one"))
    faults({"create:Bad": "no"})
    bad = lab.stack("zone", {"Bad": lab.note("two")})
    assert project.deploy(note(lab, "data", "one"), bad).ways_back == {}
    faults({})


def test_where_nothing_has_ended_well_before_no_way_back_is_named(
    project: LabProject, lab: Lab, faults: Faults
) -> None:
    lab.deploy(note(lab, "data", "one"))  # without a record
    faults({"create:Bad": "no"})
    bad = lab.stack("zone", {"Bad": lab.note("two")})
    done = project.deploy(note(lab, "data", "two"), bad)
    assert (done.releases, done.ways_back) == ({"lab": 1}, {})
    faults({})


def test_what_cannot_be_gone_back_to_is_told(project: LabProject, lab: Lab, tmp_path: Path) -> None:
    project.stacks = (note(lab, "data", "one"),)
    with pytest.raises(UsageError, match="has no earlier successful release of lab"):
        project.back()
    project.deploy(note(lab, "data", "one"))
    ledger: Any = project
    run = lab.run(*project.stacks)
    with Records(ledger, "recover").kept(run, ["data"]):
        pass
    with pytest.raises(UsageError, match=r"lab has no release 7 in .*") as told:
        project.back(to=7)
    assert told.value.hint == (
        "Name a successful deployment: `tapgen history --env lab --local` lists all releases."
    )
    with pytest.raises(UsageError, match="release 2 is a recover, which cannot be rolled back to"):
        project.back(to=2)
    with Records(ledger, "deploy").kept(run, ["data"]):
        pass
    with pytest.raises(
        UsageError, match="release 3 broken off, so its stacks were not as it declared"
    ):
        project.back(to=3)
    folder = tmp_path / "ledger" / "releases" / REGION / "lab"
    (folder / "000003-begun.json").write_text("{}")
    with pytest.raises(TapgenError, match=r"release 3 in .* cannot be read") as unread:
        project.back()
    assert "--to N rolls back without it" in unread.value.hint
    host = Recorder()
    project.back(host, to=1, dry_run=True)
    assert [one.split(" in ")[0] for one in notes(host)] == ["release 3"]
    (folder / "000001-begun.json").unlink()
    with pytest.raises(TapgenError, match="has an end but no beginning"):
        project.back(to=1)


def test_a_newer_release_is_noticed_before_anything_is_planned(
    project: LabProject, lab: Lab
) -> None:
    for value in ("one", "two"):
        project.deploy(note(lab, "data", value))
    ledger: Any = project
    found = restoration(ledger, "lab")
    found.refuse_newer()
    with Records(ledger, "deploy").kept(lab.run(*project.stacks), ["data"]):
        pass
    with pytest.raises(RefusedError, match="release 3 of lab was started while") as told:
        found.refuse_newer()
    assert told.value.hint == "Nothing was started here. Run the command again."
