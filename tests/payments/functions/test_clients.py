"""Which services the functions call: without NAT each of them needs an endpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.session import Session

from tapgen.payments.limits import CALLED_BY_FUNCTIONS, GATEWAY_ENDPOINTS

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    import pytest

    from tests.payments.functions.conftest import Api


def test_the_functions_create_clients_for_what_the_settings_know(
    monkeypatch: pytest.MonkeyPatch,
    start: Callable[..., ModuleType],
    payments: Api,
    sessions: Api,
    payment: dict[str, Any],
) -> None:
    create, called = Session.create_client, set()

    def creating(session: Any, service_name: str, *rest: Any, **more: Any) -> Any:
        called.add(service_name)
        return create(session, service_name, *rest, **more)

    monkeypatch.setattr(Session, "create_client", creating)
    paying, opening = (
        type(api)(start(name))
        for api, name in ((payments, "payment_processor"), (sessions, "session_manager"))
    )
    assert paying.pay(payment, "key-of-clients").status == 201
    assert paying.pay(payment, "key-of-clients").status == 201
    opened = opening.post("/sessions", {"customerId": payment["customerId"]}).document
    header = {"X-Session-Id": opened["sessionId"]}
    assert opening.send("GET", "/sessions", headers=header).status == 200
    assert opening.send("DELETE", "/sessions", headers=header).status == 204
    assert called == set(CALLED_BY_FUNCTIONS)


def test_what_they_call_is_reached_through_free_endpoints() -> None:
    assert set(CALLED_BY_FUNCTIONS) <= set(GATEWAY_ENDPOINTS)
