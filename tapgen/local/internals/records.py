"""Properties that MiniStack's records or responses lack."""

from __future__ import annotations

from typing import Any

from ministack import app
from ministack.services import acm, cloudwatch, secretsmanager, waf

_HEALTH = "/health"


def set_alarm_metrics(name: str, metrics: list[dict[str, Any]]) -> None:
    """Turn an alarm into one with metric math: with queries instead of a single metric."""
    single = dict.fromkeys(("MetricName", "Namespace", "Statistic", "Period"))
    cloudwatch._alarms[name].update(single, Dimensions=[], Metrics=metrics)


def set_response_bodies(web_acl_id: str, bodies: dict[str, Any]) -> None:
    waf._web_acls[web_acl_id]["CustomResponseBodies"] = bodies


def remove_replicas(secret_id: str, regions: frozenset[str]) -> dict[str, Any] | None:
    """Delete a secret's replicas in these regions. Returns the secret, None if there is none."""
    _, secret = secretsmanager._resolve(secret_id)
    if not secret:
        return None
    status = secret["ReplicationStatus"]
    gone = [replica for replica in status if replica["Region"] in regions]
    secretsmanager._delete_replicas({**secret, "ReplicationStatus": gone})
    secret["ReplicationStatus"] = [replica for replica in status if replica not in gone]
    found: dict[str, Any] = secret
    return found


def tell_key_algorithms() -> None:
    """Let DescribeCertificate return the requested algorithm, which is in the record."""
    shape = acm._cert_shape

    def shaping(certificate: dict[str, Any]) -> dict[str, Any]:
        told: dict[str, Any] = shape(certificate)
        asked = certificate.get("KeyAlgorithm", told["KeyAlgorithm"])
        return {**told, "KeyAlgorithm": asked}

    acm._cert_shape = shaping


def leave_health_to_apis() -> None:
    """Serve `/health` of a deployed API. MiniStack's own health check has other paths as well."""
    app._HEALTH_PATHS = tuple(path for path in app._HEALTH_PATHS if path != _HEALTH)
