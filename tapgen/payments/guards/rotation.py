"""The guard of the origin secret: the API continues to accept what CloudFront sends.

The API's firewall accepts two generations of the secret: `api.origin_secret_generation` and the one
before. CloudFront's stack is updated afterwards. Until then, and permanently if that update fails,
CloudFront sends the secret that it was last deployed with. If the API no longer accepted that
secret, it would refuse every request.
"""

from __future__ import annotations

from typing import Final

from tapgen.deploy.guards.guard import Subject
from tapgen.deploy.target.target import Target
from tapgen.errors import RefusedError

API: Final = "api"
CDN: Final = "cdn"
_SETTING: Final = "api.origin_secret_generation"
_SENT: Final = "OriginSecretName"


def check_rotation(subject: Subject) -> tuple[str, ...]:
    """Raise `RefusedError` if deploying the layers would make the API refuse CloudFront."""
    target = subject.target
    if API not in subject.layers or CDN not in target.stacks:
        return ()
    api = target.stacks[API]
    parameter = api.template.parameter_of(_SETTING)
    sent = _sent(target)
    if parameter is None or sent is None:
        return ()
    wanted = int(api.parameters[parameter])
    if sent in {wanted, wanted - 1}:
        return ()
    raise RefusedError(
        f"{_SETTING} is {wanted}, but CloudFront sends the secret of generation {sent}: the API "
        f"would accept generations {wanted} and {wanted - 1} only, and refuse every request",
        _next_step(target, sent, wanted),
    )


def _sent(target: Target) -> int | None:
    """The generation that CloudFront sends; None if nothing is deployed, or it has no number."""
    name = (target.describe(CDN).parameters or {}).get(_SENT, "")
    generation = name.rpartition("/")[2]
    return int(generation) if generation.isdecimal() else None


def _next_step(target: Target, sent: int, wanted: int) -> str:
    if wanted < sent:
        return f"The generation only increases: set it to {sent}, or to {sent + 1} to rotate."
    deploy = target.command("deploy", f"--layer {API}", f"--layer {CDN}")
    return f"One step at a time: set it to {sent + 1}, run `{deploy}`, then raise it again."
