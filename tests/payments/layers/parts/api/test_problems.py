from tapgen.payments.functions.problems import Kind
from tapgen.payments.layers.parts.api.problems import PROBLEMS, TYPE_PREFIX


def test_gateway_and_functions_call_the_same_problem_the_same() -> None:
    ours = {
        (TYPE_PREFIX + problem.type, problem.status, problem.title)
        for problem in PROBLEMS
        # Only the gateway throttles, and looks at tokens.
        if problem.type and problem.kind not in {"THROTTLED", "UNAUTHORIZED", "ACCESS_DENIED"}
    }
    assert len(ours) == 4
    assert ours <= {(kind.type, kind.status, kind.title) for kind in Kind}
