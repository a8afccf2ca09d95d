"""CloudFormation in tapgen's verbs, for one account and region."""

from __future__ import annotations

from tapgen.aws.cloudformation.change_sets import ChangeSets
from tapgen.aws.cloudformation.stack_operations import StackOperations


class CloudFormation(ChangeSets, StackOperations):
    """The calls that tapgen makes, each with its own verb: reading, change sets, operations."""
