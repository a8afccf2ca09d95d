"""The handlers, called in-process with API Gateway's events, over a real local DynamoDB."""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import logging
import sys
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from types import ModuleType

    from tapgen.local.client import LocalAws

ACCOUNT = "800000000001"
TELEMETRY = {
    "POWERTOOLS_SERVICE_NAME": "payments-test",
    "POWERTOOLS_METRICS_NAMESPACE": "PaymentsTest",
    "POWERTOOLS_TRACE_DISABLED": "1",
}
SETTINGS = {
    "TRANSACTIONS_TABLE": "transactions",
    "SESSIONS_TABLE": "sessions",
    "IDEMPOTENCY_TABLE": "idempotency",
    "IDEMPOTENCY_TTL_SECONDS": "3600",
    "SESSION_TTL_SECONDS": "900",
}


@dataclass(frozen=True)
class Reply:
    status: int
    headers: dict[str, str]
    body: str

    @property
    def document(self) -> Any:
        return json.loads(self.body)


@dataclass
class Context:
    """What Lambda tells an invocation about itself."""

    remaining: int
    function_name: str = "function-under-test"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = "arn:aws:lambda:us-east-1:123456789012:function:function-under-test"
    aws_request_id: str = field(default_factory=lambda: str(uuid.uuid4()))

    def get_remaining_time_in_millis(self) -> int:
        return self.remaining


@dataclass(frozen=True)
class Api:
    """Sends what API Gateway would send."""

    module: ModuleType

    def send(  # noqa: PLR0913 - the parts of an HTTP request
        self,
        method: str,
        resource: str,
        *,
        body: str | None = None,
        headers: Mapping[str, str] | None = None,
        parameters: Mapping[str, str] | None = None,
        remaining: int = 10_000,
        **event: Any,
    ) -> Reply:
        path = resource
        for name, value in (parameters or {}).items():
            path = path.replace(f"{{{name}}}", value)
        request = {
            "resource": resource,
            "path": path,
            "httpMethod": method,
            "headers": headers,
            "multiValueHeaders": {name: [value] for name, value in (headers or {}).items()} or None,
            "queryStringParameters": None,
            "multiValueQueryStringParameters": None,
            "pathParameters": parameters,
            "stageVariables": None,
            "requestContext": {
                "accountId": ACCOUNT,
                "stage": "live",
                "requestId": str(uuid.uuid4()),
                "resourcePath": resource,
                "httpMethod": method,
                "identity": {"sourceIp": "192.0.2.1"},
            },
            "body": body,
            "isBase64Encoded": False,
            **event,
        }
        return self.invoke(request, remaining)

    def invoke(self, event: Mapping[str, Any], remaining: int = 10_000) -> Reply:
        """`remaining`: the milliseconds that Lambda leaves the invocation."""
        answer = self.module.handler(event, Context(remaining))
        return Reply(answer["statusCode"], answer["headers"], answer["body"])

    def post(
        self, resource: str, document: Any, headers: Mapping[str, str] | None = None, **event: Any
    ) -> Reply:
        body = document if isinstance(document, str) else json.dumps(document)
        sent = {"Content-Type": "application/json", **(headers or {})}
        return self.send("POST", resource, body=body, headers=sent, **event)

    def pay(self, document: Any, key: str | None = None, **event: Any) -> Reply:
        return self.post(
            "/transactions", document, {"Idempotency-Key": key or str(uuid.uuid4())}, **event
        )


@pytest.fixture(scope="session")
def endpoint(local_aws: LocalAws) -> str:
    return local_aws.endpoint_url


@pytest.fixture(scope="session")
def dynamodb(endpoint: str) -> Any:
    """A client for looking into the tables, which exist."""
    client: Any = boto3.Session(
        aws_access_key_id=ACCOUNT, aws_secret_access_key="local", region_name="us-east-1"
    ).client("dynamodb", endpoint_url=endpoint)

    def create(table: str, hash_key: str, range_key: str | None = None, **more: Any) -> None:
        keys = [{"AttributeName": hash_key, "KeyType": "HASH"}]
        types = [{"AttributeName": hash_key, "AttributeType": "S"}]
        if range_key:
            keys.append({"AttributeName": range_key, "KeyType": "RANGE"})
            types += [
                {"AttributeName": range_key, "AttributeType": "N"},
                {"AttributeName": "customerId", "AttributeType": "S"},
            ]
        client.create_table(
            TableName=table,
            KeySchema=keys,
            AttributeDefinitions=types,
            BillingMode="PAY_PER_REQUEST",
            **more,
        )

    index = {
        "IndexName": "CustomerIndex",
        "KeySchema": [
            {"AttributeName": "customerId", "KeyType": "HASH"},
            {"AttributeName": "timestamp", "KeyType": "RANGE"},
        ],
        "Projection": {"ProjectionType": "ALL"},
    }
    create("transactions", "transactionId", "timestamp", GlobalSecondaryIndexes=[index])
    create("sessions", "sessionId")
    create("idempotency", "id")
    return client


@pytest.fixture(scope="module", autouse=True)
def telemetry_settings() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in TELEMETRY.items():
            patch.setenv(name, value)
        yield


@pytest.fixture(scope="session")
def start(endpoint: str, dynamodb: Any) -> Callable[..., ModuleType]:
    """Start a function as Lambda would: import its module afresh under its environment."""

    def start(name: str, **changes: str) -> ModuleType:
        environment = {
            **TELEMETRY,
            **SETTINGS,
            "AWS_ENDPOINT_URL_DYNAMODB": endpoint,
            "AWS_ACCESS_KEY_ID": ACCOUNT,
            "AWS_SECRET_ACCESS_KEY": "local",
            "AWS_DEFAULT_REGION": "us-east-1",
            **changes,
        }
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(boto3, "DEFAULT_SESSION", None)  # it would remember other credentials
            patch.delitem(sys.modules, f"tapgen.payments.functions.{name}", raising=False)
            for variable, value in environment.items():
                patch.setenv(variable, value)
            return importlib.import_module(f"tapgen.payments.functions.{name}")

    return start


@pytest.fixture(scope="session")
def payments(start: Callable[..., ModuleType]) -> Api:
    return Api(start("payment_processor"))


@pytest.fixture(scope="session")
def sessions(start: Callable[..., ModuleType]) -> Api:
    return Api(start("session_manager"))


@pytest.fixture
def customer() -> str:
    """A customer whom no other test knows."""
    return f"cus_{uuid.uuid4().hex}x"


@pytest.fixture
def payment(customer: str) -> dict[str, Any]:
    return {
        "amount": 1999,
        "currency": "EUR",
        "customerId": customer,
        "paymentToken": "tok_secret_of_the_vault",
        "reference": "Order 42",
    }


@pytest.fixture
def stored(dynamodb: Any, customer: str) -> Callable[..., list[dict[str, Any]]]:
    """The stored transactions of a customer, `customer` by default."""

    def stored(customer: str = customer) -> list[dict[str, Any]]:
        found = dynamodb.query(
            TableName="transactions",
            IndexName="CustomerIndex",
            KeyConditionExpression="customerId = :customer",
            ExpressionAttributeValues={":customer": {"S": customer}},
        )
        return list(found["Items"])

    return stored


@pytest.fixture
def logs(capsys: pytest.CaptureFixture[str]) -> Iterator[Callable[[], str]]:
    """All that the function wrote so far: its own log, other loggers at DEBUG, and the streams."""
    from tapgen.payments.functions.telemetry import LOGGER

    written = io.StringIO()
    own: Any = LOGGER.logger_handler
    others = logging.StreamHandler(written)
    root = logging.getLogger()
    # Not setStream: it flushes the old stream, which may be a finished test's and closed.
    own.stream, level = written, root.level
    root.addHandler(others)
    root.setLevel(logging.DEBUG)

    def text() -> str:
        streams = capsys.readouterr()
        written.write(streams.out + streams.err)
        return written.getvalue()

    yield text
    root.setLevel(level)
    root.removeHandler(others)
    own.stream = sys.__stdout__


class _Raw(io.BytesIO):
    def stream(self, **_options: Any) -> Iterator[bytes]:
        yield self.read()


@pytest.fixture
def fault() -> Iterator[Callable[..., None]]:
    """Let a function's calls of one DynamoDB operation fail, below the SDK's retries.

    `fault(module, operation, error, count)`: `error` is the name of a DynamoDB error, a pair of
    status code and answer, or an exception; `count` calls fail, all of them by default.
    """
    with contextlib.ExitStack() as cleanup:

        def fault(
            module: ModuleType,
            operation: str,
            error: str | tuple[int, dict[str, Any]] | BaseException,
            count: int = 1_000,
        ) -> None:
            left = [count]

            def answer(request: Any, **_event: Any) -> AWSResponse | None:
                if left[0] == 0:
                    return None
                left[0] -= 1
                if isinstance(error, BaseException):
                    raise error
                status, document = (400, {"__type": error}) if isinstance(error, str) else error
                raw: Any = _Raw(json.dumps(document).encode())
                return AWSResponse(request.url, status, HTTPHeaders(), raw)

            events = module._DYNAMODB.meta.events
            name = f"before-send.dynamodb.{operation}"
            events.register_first(name, answer)
            cleanup.callback(events.unregister, name, answer)

        yield fault
