from tapgen.stacks.schemas import stateful_types
from tapgen.stacks.stateful import STATEFUL_TYPES


def test_everything_that_cfn_lint_calls_stateful_is_and_the_hosted_zone() -> None:
    assert stateful_types() | {"AWS::Route53::HostedZone"} == STATEFUL_TYPES
