"""CloudFormation in one account and region: stacks that change state as time passes."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from uuid import uuid4

from benchmarks.endpoint import descriptions
from benchmarks.endpoint.clock import Times
from benchmarks.endpoint.descriptions import Answer
from benchmarks.endpoint.stacks import (
    ChangeSet,
    Content,
    Fetch,
    Parameters,
    RefusalError,
    Stack,
)


class CloudFormation:
    """Each capitalised method is an API call, with the parameters of the query."""

    def __init__(self, account: str, region: str, times: Times, fetch: Fetch) -> None:
        self._account = account
        self._region = region
        self._times = times
        self._fetch = fetch
        self._stacks: dict[str, Stack] = {}
        self._change_sets: dict[str, ChangeSet] = {}
        self._lock = threading.RLock()

    @property
    def stacks(self) -> Mapping[str, Stack]:
        """Every stack, by its name."""
        return self._stacks

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
            return {"Stacks": [descriptions.stack(self._stack(asked))]}
        first = int(asked.get("NextToken", 0))
        every = sorted(self._stacks.values(), key=lambda stack: stack.created, reverse=True)
        page = {"Stacks": [descriptions.stack(stack) for stack in every[first : first + 100]]}
        more = {"NextToken": str(first + 100)} if len(every) > first + 100 else {}
        return {**page, **more}

    def DescribeStackEvents(self, asked: Parameters) -> Answer:  # noqa: N802 - the API's name
        stack = self._stack(asked)
        events = [
            event for operation in stack.history for event in descriptions.events(stack, operation)
        ]
        return {"StackEvents": events[::-1][:100]}

    def ListStackResources(self, asked: Parameters) -> Answer:  # noqa: N802 - the API's name
        return {"StackResourceSummaries": list(descriptions.resources(self._stack(asked)))}

    def GetTemplate(self, asked: Parameters) -> Answer:  # noqa: N802 - the API's name
        content = self._stack(asked).content  # a stack in review has none
        return {"TemplateBody": content.template} if content else {}

    def GetTemplateSummary(self, asked: Parameters) -> Answer:  # noqa: N802 - the API's name
        return descriptions.summary(self._stack(asked).filled())

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

    def CreateStack(self, asked: Parameters) -> Answer:  # noqa: N802 - the API's name
        name = asked["StackName"]
        if name in self._stacks:
            raise RefusalError("AlreadyExistsException", f"Stack [{name}] already exists")
        content = Content.of(asked, None, self._fetch)
        stack = self._stacks[name] = self._new(name)
        stack.protected = asked.get("EnableTerminationProtection") == "true"
        stack.policy = asked.get("StackPolicyBody", "")
        self._begin(stack, content, "CREATE", asked)
        return {"StackId": stack.stack_id}

    def UpdateStack(self, asked: Parameters) -> Answer:  # noqa: N802 - the API's name
        stack = self._stack(asked)
        if stack.content is None or not stack.at_rest:
            state = f"{stack.status} state and can not be updated."
            raise RefusalError("ValidationError", f"Stack:{stack.stack_id} is in {state}")
        content = Content.of(asked, stack.content, self._fetch)
        if stack.content.same_as(content):
            raise RefusalError("ValidationError", "No updates are to be performed.")
        stack.policy = asked.get("StackPolicyBody", stack.policy)
        self._begin(stack, content, "UPDATE", asked)
        return {"StackId": stack.stack_id}

    def DeleteStack(self, asked: Parameters) -> Answer:  # noqa: N802 - the API's name
        self._stacks.pop(self._stack(asked).name)
        return {}

    # --- change sets ------------------------------------------------------------------------

    def CreateChangeSet(self, asked: Parameters) -> Answer:  # noqa: N802 - the API's name
        name = asked["StackName"]
        known = self._stacks.get(name)
        if known is None and asked["ChangeSetType"] == "CREATE":
            known = self._new(name)
        stack = known or self._stack(asked)
        content = Content.of(asked, stack.content, self._fetch)
        self._stacks[stack.name] = stack
        arn = self._arn(f"changeSet/{asked['ChangeSetName']}/{uuid4()}")
        ready = time.time() + self._times.change_set
        self._change_sets[arn] = ChangeSet(
            arn, asked["ChangeSetName"], stack, asked["ChangeSetType"], content, ready
        )
        return {"Id": arn, "StackId": stack.stack_id}

    def DescribeChangeSet(self, asked: Parameters) -> Answer:  # noqa: N802 - the API's name
        return descriptions.change_set(self._change_set(asked))

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
        stack, name = asked.get("StackName"), asked["ChangeSetName"]
        for found in list(self._change_sets.values()):
            if found.called(name, stack):
                del self._change_sets[found.arn]
        return {}

    def ExecuteChangeSet(self, asked: Parameters) -> Answer:  # noqa: N802 - the API's name
        found = self._change_set(asked)
        stack = found.stack
        if not stack.at_rest or found.executed:
            raise RefusalError("InvalidChangeSetStatus", "ChangeSet cannot be executed")
        found.executed = True
        self._begin(stack, found.content, found.kind, asked)
        return {}

    # --- the rest ---------------------------------------------------------------------------

    def _arn(self, rest: str) -> str:
        return f"arn:aws:cloudformation:{self._region}:{self._account}:{rest}"

    def _new(self, name: str) -> Stack:
        return Stack(name, self._arn(f"stack/{name}/{uuid4()}"), time.time())

    def _begin(self, stack: Stack, content: Content, verb: str, asked: Parameters) -> None:
        token = asked.get("ClientRequestToken", "")
        stack.bring_to(content, verb, self._times.stack(stack.name), token)

    def _stack(self, asked: Parameters) -> Stack:
        name = asked["StackName"].rpartition(":stack/")[2].partition("/")[0]
        if name not in self._stacks:
            raise RefusalError("ValidationError", f"Stack with id {name} does not exist")
        return self._stacks[name]

    def _change_set(self, asked: Parameters) -> ChangeSet:
        name = asked["ChangeSetName"]
        for found in self._change_sets.values():
            if found.called(name, asked.get("StackName")):
                return found
        raise RefusalError("ChangeSetNotFound", f"ChangeSet [{name}] does not exist")
