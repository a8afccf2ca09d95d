from tapgen.model.templates.stateful import STATEFUL_TYPES
from tapgen.review.schemas import stateful_types


def test_everything_that_cfn_lint_calls_stateful_is_and_more() -> None:
    assert stateful_types() < STATEFUL_TYPES
