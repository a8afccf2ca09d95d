"""The folder works as Lambda gets it: on its own, as `functions/`, with tracing on."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import tapgen.payments.functions

SCRIPT = """
import sys
from functions import payment_processor, session_manager
from functions.telemetry import TRACER

class Context:
    function_name = invoked_function_arn = aws_request_id = "x"
    memory_limit_in_mb = 512

event = {"resource": "/health", "httpMethod": "GET", "requestContext": {"requestId": "r"}}
assert not TRACER.disabled
assert payment_processor.handler(event, Context())["statusCode"] == 200
assert session_manager.handler(event, Context())["statusCode"] == 404
assert not [name for name in sys.modules if name.split(".")[0] == "tapgen"]
"""


@pytest.mark.slow
def test_the_folder_runs_without_the_rest_of_tapgen(tmp_path: Path) -> None:
    source = Path(tapgen.payments.functions.__path__[0])
    shutil.copytree(source, tmp_path / "functions")
    environment = {
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EXECUTION_ENV": "AWS_Lambda_python3.14",
        "AWS_XRAY_DAEMON_ADDRESS": "127.0.0.1:9",
        "LAMBDA_TASK_ROOT": str(tmp_path),
        "_X_AMZN_TRACE_ID": "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1",
        "POWERTOOLS_SERVICE_NAME": "payments",
        "POWERTOOLS_METRICS_NAMESPACE": "Payments",
        "TRANSACTIONS_TABLE": "transactions",
        "SESSIONS_TABLE": "sessions",
        "IDEMPOTENCY_TABLE": "idempotency",
        "IDEMPOTENCY_TTL_SECONDS": "3600",
        "SESSION_TTL_SECONDS": "900",
    }
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
