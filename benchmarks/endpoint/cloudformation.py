"""CloudFormation in one account and region: stacks that change state as time passes."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final
from uuid import uuid4

from benchmarks.endpoint.clock import Times

Parameters = Mapping[str, Any]
Answer = dict[str, Any]

NO_CHANGES: Final = (
    "The submitted information didn't contain changes. "
    "Submit different information to create a change set."
)


class RefusalError(Exception):
    """What AWS answers instead: a code and a message."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass
class Content:
    """What a stack is made of."""

    template: str
    parameters: dict[str, str]
    tags: dict[str, str]
    document: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        self.document = json.loads(self.template)

    def values(self) -> dict[str, str]:
        """The parameters, with defaults where none is given."""
        declared = self.document.get("Parameters", {})
        defaults = {name: d["Default"] for name, d in declared.items() if "Default" in d}
        return defaults | self.parameters

    def same_as(self, other: Content) -> bool:
        """Whether an update from one to the other would be no update: a description is none."""
        mine, theirs = ({**c.document, "Description": ""} for c in (self, other))
        return (mine, self.values(), self.tags) == (theirs, other.values(), other.tags)


@dataclass
class Operation:
    """What a stack is being brought to, from `begun` on, `seconds` long."""

    verb: str
    begun: float
    seconds: float
    token: str

    @property
    def done(self) -> bool:
        return time.time() >= self.begun + self.seconds


@dataclass
class Stack:
    """One stack; `content` is what it has, or is being brought to."""

    name: str
    stack_id: str
    created: float
    content: Content | None = None
    operation: Operation | None = None
    history: list[Operation] = field(default_factory=list)
    protected: bool = False
    policy: str = ""

    @property
    def status(self) -> str:
        if self.operation is None:
            return "REVIEW_IN_PROGRESS"
        return f"{self.operation.verb}_{'COMPLETE' if self.operation.done else 'IN_PROGRESS'}"

    @property
    def at_rest(self) -> bool:
        return self.operation is None or self.operation.done


@dataclass
class ChangeSet:
    """A change set, ready at `ready`."""

    arn: str
    name: str
    stack: Stack
    kind: str
    content: Content
    ready: float
    executed: bool = False


class CloudFormation:
    """Each method in capitals is a call of the API; parameters come as the query has them."""

    def __init__(self, account: str, region: str, times: Times) -> None:
        self._account = account
        self._region = region
        self._times = times
        self._stacks: dict[str, Stack] = {}
        self._change_sets: dict[str, ChangeSet] = {}
        self._lock = threading.RLock()

    def call(self, action: str, parameters: Parameters) -> Answer:
        """Answer one call. Raises `RefusalError`."""
        method = getattr(self, action, None)
        if method is None or not action[0].isupper():
            raise RefusalError("InvalidAction", f"{action} is not simulated")
        with self._lock:
            answer: Answer = method(parameters)
        return answer

    # --- stacks -----------------------------------------------------------------------------

    def DescribeStacks(self, asked: Parameters) -> Answer:  # noqa: N802 - the API's name
        if "StackName" in asked:
            return {"Stacks": [self._described(self._stack(asked))]}
        first = int(asked.get("NextToken", 0))
        every = sorted(self._stacks.values(), key=lambda stack: stack.created, reverse=True)
        page = {"Stacks": [self._described(stack) for stack in every[first : first + 100]]}
        more = {"NextToken": str(first + 100)} if len(every) > first + 100 else {}
        return {**page, **more}

    def DescribeStackEvents(self, asked: Parameters) -> Answer:  # noqa: N802 - the API's name
        stack = self._stack(asked)
        events = [event for operation in stack.history for event in _events(stack, operation)]
        return {"StackEvents": events[::-1][:100]}

    def GetTemplate(self, asked: Parameters) -> Answer:  # noqa: N802 - the API's name
        return {"TemplateBody": _content(self._stack(asked)).template}

    def GetStackPolicy(self, asked: Parameters) -> Answer:  # noqa: N802 - the API's name
        policy = self._stack(asked).policy
        return {"StackPolicyBody": policy} if policy else {}

    def SetStackPolicy(self, asked: Parameters) -> Answer:  # noqa: N802 - the API's name
        self._stack(asked).policy = asked["StackPolicyBody"]
        return {}

    def UpdateTerminationProtection(self, asked: Parameters) -> Answer:  # noqa: N802 - the API's name
        stack = self._stack(asked)
        stack.protected = asked["EnableTerminationProtection"] == "true"
        return {"StackId": stack.stack_id}

    def DeleteStack(self, asked: Parameters) -> Answer:  # noqa: N802 - the API's name
        self._stacks.pop(self._stack(asked).name)
        return {}

    # --- change sets ------------------------------------------------------------------------

    def CreateChangeSet(self, asked: Parameters) -> Answer:  # noqa: N802 - the API's name
        name = asked["StackName"]
        if name not in self._stacks and asked["ChangeSetType"] == "CREATE":
            stack_id = self._arn(f"stack/{name}/{uuid4()}")
            self._stacks[name] = Stack(name, stack_id, time.time())
        stack = self._stack(asked)
        content = Content(
            asked["TemplateBody"],
            _pairs(asked.get("Parameters", []), "ParameterKey", "ParameterValue"),
            _pairs(asked.get("Tags", []), "Key", "Value"),
        )
        arn = self._arn(f"changeSet/{asked['ChangeSetName']}/{uuid4()}")
        ready = time.time() + self._times.change_set
        self._change_sets[arn] = ChangeSet(
            arn, asked["ChangeSetName"], stack, asked["ChangeSetType"], content, ready
        )
        return {"Id": arn, "StackId": stack.stack_id}

    def DescribeChangeSet(self, asked: Parameters) -> Answer:  # noqa: N802 - the API's name
        found = self._change_set(asked)
        answer = {
            "ChangeSetId": found.arn,
            "ChangeSetName": found.name,
            "StackId": found.stack.stack_id,
            "StackName": found.stack.name,
            "Changes": [],
            "ExecutionStatus": "UNAVAILABLE",
        }
        if time.time() < found.ready:
            return {**answer, "Status": "CREATE_IN_PROGRESS"}
        before = found.stack.content
        if before is not None and before.same_as(found.content):
            return {**answer, "Status": "FAILED", "StatusReason": NO_CHANGES}
        changes = [{"Type": "Resource", "ResourceChange": c} for c in _changes(found)]
        execution = "EXECUTE_COMPLETE" if found.executed else "AVAILABLE"
        return {
            **answer,
            "Status": "CREATE_COMPLETE",
            "ExecutionStatus": execution,
            "Changes": changes,
        }

    def ListChangeSets(self, asked: Parameters) -> Answer:  # noqa: N802 - the API's name
        stack = self._stack(asked)
        return {
            "Summaries": [
                {
                    "ChangeSetId": found.arn,
                    "ChangeSetName": found.name,
                    "ExecutionStatus": "AVAILABLE",
                }
                for found in self._change_sets.values()
                if found.stack is stack and not found.executed
            ]
        }

    def DeleteChangeSet(self, asked: Parameters) -> Answer:  # noqa: N802 - the API's name
        self._change_sets.pop(self._change_set(asked).arn)
        return {}

    def ExecuteChangeSet(self, asked: Parameters) -> Answer:  # noqa: N802 - the API's name
        found = self._change_set(asked)
        stack = found.stack
        if not stack.at_rest or found.executed:
            raise RefusalError("InvalidChangeSetStatus", "ChangeSet cannot be executed")
        found.executed = True
        stack.content = found.content
        stack.operation = Operation(
            found.kind,
            time.time(),
            self._times.stack(stack.name),
            asked.get("ClientRequestToken", ""),
        )
        stack.history.append(stack.operation)
        return {}

    # --- the rest ---------------------------------------------------------------------------

    def _arn(self, rest: str) -> str:
        return f"arn:aws:cloudformation:{self._region}:{self._account}:{rest}"

    def _stack(self, asked: Parameters) -> Stack:
        name = asked["StackName"].rpartition(":stack/")[2].partition("/")[0]
        if name not in self._stacks:
            raise RefusalError("ValidationError", f"Stack with id {name} does not exist")
        return self._stacks[name]

    def _change_set(self, asked: Parameters) -> ChangeSet:
        name = asked["ChangeSetName"]
        for found in self._change_sets.values():
            if found.arn == name or (found.name, found.stack.name) == (
                name,
                asked.get("StackName"),
            ):
                return found
        raise RefusalError("ChangeSetNotFound", f"ChangeSet [{name}] does not exist")

    def _output(self, stack: str, name: str) -> str:
        """A value that stays the same; an ARN has a resource after a slash, as a key's has."""
        if name.endswith("Arn"):
            return f"arn:aws:service:{self._region}:{self._account}:kind/{stack}-{name}"
        return f"{stack}-{name}"

    def _described(self, stack: Stack) -> Answer:
        answer: Answer = {
            "StackName": stack.name,
            "StackId": stack.stack_id,
            "StackStatus": stack.status,
            "CreationTime": _timestamp(stack.created),
            "EnableTerminationProtection": stack.protected,
        }
        if stack.operation:
            answer["LastUpdatedTime"] = _timestamp(stack.operation.begun)
        if stack.content is None:
            return answer
        content = stack.content
        answer |= {
            "Description": content.document.get("Description", ""),
            "Parameters": [
                {"ParameterKey": name, "ParameterValue": value}
                for name, value in content.values().items()
            ],
            "Tags": [{"Key": key, "Value": value} for key, value in content.tags.items()],
        }
        if stack.at_rest:
            answer["Outputs"] = [
                {"OutputKey": name, "OutputValue": self._output(stack.name, name)}
                for name in content.document.get("Outputs", {})
            ]
        return answer


def _content(stack: Stack) -> Content:
    if stack.content is None:
        raise RefusalError("ValidationError", f"Stack {stack.name} has no template")
    return stack.content


def _pairs(entries: list[Mapping[str, str]], key: str, value: str) -> dict[str, str]:
    return {entry[key]: entry[value] for entry in entries}


def _timestamp(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")


def _changes(found: ChangeSet) -> Iterator[Answer]:
    """Every resource: added, or modified without replacement because of a tag or a parameter."""
    for logical_id, resource in found.content.document["Resources"].items():
        change = {"LogicalResourceId": logical_id, "ResourceType": resource["Type"]}
        if found.stack.content is None:
            yield {**change, "Action": "Add"}
            continue
        target = {"Attribute": "Tags", "RequiresRecreation": "Never"}
        yield {
            **change,
            "Action": "Modify",
            "Replacement": "False",
            "PhysicalResourceId": f"{found.stack.name}-{logical_id}",
            "Scope": ["Tags"],
            "Details": [
                {"Target": target, "Evaluation": "Static", "ChangeSource": "DirectModification"}
            ],
        }


def _events(stack: Stack, operation: Operation) -> Iterator[Answer]:
    """The operation's events so far, oldest first; resources end one after the other."""
    own = (stack.name, stack.stack_id, "AWS::CloudFormation::Stack")
    resources = _content(stack).document["Resources"]
    each = operation.seconds / (len(resources) + 1)
    yield _event(stack, operation, own, 0.0, "IN_PROGRESS")
    for number, (name, resource) in enumerate(resources.items(), 1):
        if operation.begun + number * each > time.time():
            return
        subject = (name, f"{stack.name}-{name}", resource["Type"])
        yield _event(stack, operation, subject, number * each, "COMPLETE")
    if operation.done:
        yield _event(stack, operation, own, operation.seconds, "COMPLETE")


def _event(
    stack: Stack, operation: Operation, subject: tuple[str, str, str], after: float, status: str
) -> Answer:
    logical_id, physical_id, kind = subject
    return {
        "StackId": stack.stack_id,
        "StackName": stack.name,
        "EventId": f"{operation.begun}-{logical_id}-{status}",
        "LogicalResourceId": logical_id,
        "PhysicalResourceId": physical_id,
        "ResourceType": kind,
        "ResourceStatus": f"{operation.verb}_{status}",
        "Timestamp": _timestamp(operation.begun + after),
        "ClientRequestToken": operation.token,
    }
