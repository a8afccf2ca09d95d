"""What MiniStack takes into account where it enforces IAM."""

from __future__ import annotations

from ministack import app as gateway
from ministack.core import iam_evaluator


def count_as_tls() -> None:
    """Let aws:SecureTransport be true for every request.

    The loopback address stands for AWS's own over TLS: policies that refuse plain HTTP would refuse
    everything here.
    """
    pin = iam_evaluator.pin_request_origin

    def pin_as_tls(source_ip: str, _secure_transport: bool) -> None:
        pin(source_ip, secure_transport=True)

    gateway.pin_request_origin = pin_as_tls
