"""What Cloud Control tells and does, of resources that it has not made itself."""

from __future__ import annotations

import json
from typing import Any, Final

from tests.behaviour.account import Aws, refused
from tests.behaviour.facts import documented, fact

GUIDE: Final = "https://docs.aws.amazon.com/cloudcontrolapi/latest/userguide"
API: Final = "https://docs.aws.amazon.com/cloudcontrolapi/latest/APIReference"
KIND: Final = "AWS::ECR::Repository"


def repository(aws: Aws, **settings: Any) -> str:
    name = aws.making("repository", aws.name("images"))
    aws.client("ecr").create_repository(repositoryName=name, **settings)
    return name


def told(aws: Aws, name: str) -> dict[str, Any]:
    answer = aws.client("cloudcontrol").get_resource(TypeName=KIND, Identifier=name)
    found: dict[str, Any] = json.loads(answer["ResourceDescription"]["Properties"])
    return found


@fact(documented(f"{GUIDE}/resource-operations-read.html"))
def test_it_tells_the_current_state_of_what_others_have_made_and_changed(aws: Aws) -> None:
    name = repository(aws, imageTagMutability="IMMUTABLE", tags=[{"Key": "a", "Value": "b"}])
    found = told(aws, name)
    assert (found["RepositoryName"], found["ImageTagMutability"]) == (name, "IMMUTABLE")
    assert found["Tags"] == [{"Key": "a", "Value": "b"}]
    aws.client("ecr").put_image_tag_mutability(repositoryName=name, imageTagMutability="MUTABLE")
    assert told(aws, name)["ImageTagMutability"] == "MUTABLE"


@fact(documented(f"{GUIDE}/resource-identifier.html"))
def test_an_identifier_may_be_given_as_json_with_its_name(aws: Aws) -> None:
    name = repository(aws)
    assert told(aws, json.dumps({"RepositoryName": name})) == told(aws, name)


@fact(documented(f"{API}/API_GetResource.html"))
def test_what_is_not_there_and_what_is_no_type_is_told_apart(aws: Aws) -> None:
    client = aws.client("cloudcontrol")
    with refused("ResourceNotFoundException"):
        told(aws, aws.name("none"))
    with refused("TypeNotFoundException"):
        client.get_resource(TypeName="AWS::No::Such", Identifier="x")


@fact(documented(f"{API}/API_GetResource.html", f"{GUIDE}/supported-resources.html"))
def test_a_type_without_a_handler_is_not_supported(aws: Aws) -> None:
    with refused("UnsupportedActionException"):
        aws.client("cloudcontrol").get_resource(TypeName="AWS::SQS::QueuePolicy", Identifier="x")


@fact(documented(f"{GUIDE}/resource-operations-delete.html"), seconds=60)
def test_a_change_and_a_deletion_are_asked_for_and_come_to_an_end(aws: Aws) -> None:
    name = repository(aws)
    client = aws.client("cloudcontrol")
    it = {"TypeName": KIND, "Identifier": name}

    def ended(answer: dict[str, Any]) -> bool:
        token = answer["ProgressEvent"]["RequestToken"]
        event = client.get_resource_request_status(RequestToken=token)["ProgressEvent"]
        assert event["OperationStatus"] in {"PENDING", "IN_PROGRESS", "SUCCESS"}, event
        return bool(event["OperationStatus"] == "SUCCESS")

    patch = [{"op": "replace", "path": "/ImageTagMutability", "value": "IMMUTABLE"}]
    changing = client.update_resource(**it, PatchDocument=json.dumps(patch))
    aws.until(lambda: ended(changing), f"the change of {name}")
    assert told(aws, name)["ImageTagMutability"] == "IMMUTABLE"
    deleting = client.delete_resource(**it)
    aws.until(lambda: ended(deleting), f"the deletion of {name}")
    with refused("ResourceNotFoundException"):
        told(aws, name)
