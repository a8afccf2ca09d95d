"""Well-known reasons for failed resources, each with advice."""

from __future__ import annotations

import re
from typing import Final, NamedTuple, Protocol


class Command(Protocol):
    """Spells a command of tapgen for the environment of the failed resource."""

    def __call__(self, verb: str, *options: str) -> str:
        """The whole command, with these options."""


class Known(NamedTuple):
    """A pattern for the reason; {groups} in the advice are filled from its match.

    Commands of tapgen in the advice name no environment, see `Command`.
    """

    pattern: str
    advice: str


_TAKEN: Final = r"(?i)already ?(?:exists|owned)|NAME_CONFLICT"

# The first match counts. The texts are from the services' own exceptions, which CloudFormation
# passes on.
KNOWN: Final = (
    Known(
        r"perform: (?P<action>[\w-]+:\w+)",
        "The role that deploys lacks {action}: ask for that permission.",
    ),
    Known(
        r"AccessDenied|Access Denied|UnauthorizedOperation|not authorized",
        "The role that deploys lacks a permission: ask for it.",
    ),
    Known(
        r"Scope ARN: \S+ does not exist or is not attachable",
        "The policy in the setting deployment.permission_boundary does not exist in the account: "
        "`tapgen bootstrap` creates it, and `tapgen bootstrap --check` shows what is missing.",
    ),
    Known(
        r"denied by stack policy",
        "The stack policy protects resources with data; `tapgen plan` shows which would be "
        "replaced, and --allow-replacement allows it for a named resource.",
    ),
    Known(
        r"UnreservedConcurrentExecution",
        "The account has too little Lambda concurrency: raise its quota, or reserve none for the "
        "function.",
    ),
    Known(
        r"must wait 60 seconds after deleting a queue",
        "AWS blocks the name of a deleted queue for a minute: wait that long.",
    ),
    Known(
        r"Rate exceeded|Throttling|TooManyRequests",
        "AWS throttled this account. Wait a minute.",
    ),
    Known(
        r"(?i)quota|limit ?exceeded|maximum number of|exceeds? the (?:account )?limit",
        "An AWS quota is reached: raise it in Service Quotas, or delete what is not needed.",
    ),
    Known(
        _TAKEN,
        "A resource with that name exists, in no stack, in another one or in another account: "
        "delete or rename it. Resources that tapgen retained are taken over automatically.",
    ),
    Known(
        r"InvalidViewerCertificate|(?i:certificate).*(?i:pending|not yet|not issued|validat)",
        "The certificate is not issued: check that the domain is delegated to the name servers "
        "of its hosted zone (`tapgen outputs` shows them).",
    ),
    Known(
        r"(?i)not ?empty",
        "It is not empty: delete its content first, including all versions.",
    ),
    Known(
        r"DependencyViolation|(?i:currently in use)|has a dependent|has dependencies",
        "Something outside the stack uses it. In a network, these may be network interfaces that "
        "functions left behind (EC2 shows them as available) and that AWS does not delete: "
        "`tapgen destroy` deletes those of the environment's own functions; delete others by hand, "
        "then repeat.",
    ),
    Known(
        r"(?i)deletion ?protection",
        "Deletion protection is on. If the stack can be updated, set `protection: false` and run "
        "`tapgen deploy --allow-unprotect` to switch it off. Otherwise `tapgen recover` continues "
        "without the resource (--skip-resource); the next deployment takes it over as it is.",
    ),
    Known(
        r"(?i)pending ?deletion",
        "Its deletion is scheduled: cancel it (for a key: `aws kms cancel-key-deletion`).",
    ),
    Known(
        r"exactly one of SearchString and SearchStringBase64",
        "AWS returns a web ACL's strings in two notations and refuses both together, so its drift "
        "cannot be reverted: repair it by hand, or deploy any change of the web ACL, which writes "
        "all of its rules.",
    ),
    Known(
        r"WAFUnavailableEntity",
        "WAF has not yet distributed a resource that was just created: wait some minutes, then "
        "repeat.",
    ),
    Known(
        r"(?i)already an update in progress",
        "An update of the API is in progress, which takes minutes if it changes TLS: wait, then "
        "repeat.",
    ),
    Known(
        r"(?i)secret.*scheduled for deletion",
        "A secret with that name waits for its deletion. Restore it with `aws secretsmanager "
        "restore-secret`, and the next deployment takes it over; or delete it now with `aws "
        "secretsmanager delete-secret --force-delete-without-recovery`.",
    ),
    Known(
        r"(?i)cannot be assumed",
        "It takes some seconds until every service knows a new role: repeat.",
    ),
    Known(
        r"(?i)did not stabilize|timed out|exceeded attempts",
        "The service was not ready in time: check health.aws.amazon.com, then repeat.",
    ),
    Known(
        r"^hook ",
        "A hook in this account refuses it: make the resource comply, or ask the hook's owner.",
    ),
)


def is_taken(reason: str) -> bool:
    """True if the name of a resource is already taken."""
    known = _known(reason)
    return known is not None and known.pattern == _TAKEN


def advice(reason: str, command: Command) -> str:
    """The advice for a reason; empty if it is not well known."""
    known = _known(reason)
    match = re.search(known.pattern, reason) if known else None
    if not (known and match):
        return ""
    return re.sub(
        r"`tapgen (\w+)((?: [^`]+)?)`",
        lambda found: f"`{command(found[1], *found[2].split())}`",
        known.advice.format(**match.groupdict()),
    )


def _known(reason: str) -> Known | None:
    return next((known for known in KNOWN if re.search(known.pattern, reason)), None)
