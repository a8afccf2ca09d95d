from tapgen.model.templates.stateful import STATEFUL_TYPES
from tapgen.review.schemas import stateful_types


def test_everything_that_cfn_lint_calls_stateful_is_and_the_hosted_zone() -> None:
    assert stateful_types() | {"AWS::Route53::HostedZone"} == STATEFUL_TYPES
