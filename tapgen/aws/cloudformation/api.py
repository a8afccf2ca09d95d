"""CloudFormation in tapgen's verbs, for one account and region."""

from __future__ import annotations

from tapgen.aws.cloudformation.change_sets import ChangeSets
from tapgen.aws.cloudformation.stack_operations import StackOperations


class CloudFormation(ChangeSets, StackOperations):
    """The calls that tapgen makes, each a verb of its own: to read, to change, to operate."""
