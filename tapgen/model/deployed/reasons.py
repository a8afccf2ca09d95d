"""Well-known reasons for which AWS lets a resource fail, each with what to do about it."""

from __future__ import annotations

import re
from typing import Final, NamedTuple


class Known(NamedTuple):
    """A pattern for the reason; {groups} of the advice are filled from its match."""

    pattern: str
    advice: str


_TAKEN: Final = r"(?i)already ?(?:exists|owned)|NAME_CONFLICT"

# The first that matches counts. The texts are those of the services' own exceptions, as
# CloudFormation passes them on.
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
        "The policy of the setting deployment.permission_boundary is not in the account: "
        "`tapgen bootstrap` makes it, and `tapgen bootstrap --check` says what is missing.",
    ),
    Known(
        r"denied by stack policy",
        "The stack policy protects what holds data; `tapgen plan` shows what would be replaced, "
        "and --allow-replacement names what may be.",
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
        "An AWS quota is reached: raise it in Service Quotas, or free some.",
    ),
    Known(
        _TAKEN,
        "Something of that name exists and belongs to no stack, to another one or to another "
        "account: delete or rename it. What tapgen retained is taken over by itself.",
    ),
    Known(
        r"InvalidViewerCertificate|(?i:certificate).*(?i:pending|not yet|not issued|validat)",
        "The certificate is not issued: check that the domain is delegated to the name servers "
        "of its hosted zone (`tapgen outputs` tells what stacks give).",
    ),
    Known(
        r"(?i)not ?empty",
        "It still holds something: empty it first, all versions included.",
    ),
    Known(
        r"DependencyViolation|(?i:currently in use)|has a dependent|has dependencies",
        "Something outside the stack uses it. Where that is a network: network interfaces that "
        "functions left in it (EC2 shows them as available) do not go by waiting; `tapgen destroy` "
        "deletes those of the environment's own functions, delete others by hand, then repeat.",
    ),
    Known(
        r"(?i)deletion ?protection",
        "Deletion protection is on. In a stack that can be updated it goes off when "
        "`protection: false` is deployed, with --allow-unprotect. Otherwise `tapgen recover` "
        "continues without the resource (--skip-resource); the next deployment takes it over as "
        "it is.",
    ),
    Known(
        r"(?i)pending ?deletion",
        "Its deletion is scheduled: cancel that (for a key: `aws kms cancel-key-deletion`).",
    ),
    Known(
        r"exactly one of SearchString and SearchStringBase64",
        "AWS reads a web ACL's strings back in both spellings and refuses them so, so its drift "
        "cannot be reverted: set it back by hand, or deploy any change of the web ACL, which "
        "writes all of its rules.",
    ),
    Known(
        r"WAFUnavailableEntity",
        "WAF does not know everywhere yet what was just made: wait some minutes, then repeat.",
    ),
    Known(
        r"(?i)already an update in progress",
        "An update of the API is under way, for minutes where TLS is concerned: wait, then repeat.",
    ),
    Known(
        r"(?i)secret.*scheduled for deletion",
        "A secret of that name can be restored until it is deleted, and the next deployment takes "
        "it over: `aws secretsmanager restore-secret`. To give it up: `aws secretsmanager "
        "delete-secret --force-delete-without-recovery`.",
    ),
    Known(
        r"(?i)cannot be assumed",
        "A new role needs some seconds until every service knows it: repeat.",
    ),
    Known(
        r"(?i)did not stabilize|timed out|exceeded attempts",
        "The service did not become ready in time: look at health.aws.amazon.com, then repeat.",
    ),
    Known(
        r"^hook ",
        "A hook of this account refuses it: make the resource comply, or ask who runs the hook.",
    ),
)


def is_taken(reason: str) -> bool:
    """Whether something else has the name of a resource."""
    known = _known(reason)
    return known is not None and known.pattern == _TAKEN


def advice(reason: str) -> str:
    """What to do about a reason; empty where it is not a well-known one."""
    known = _known(reason)
    match = re.search(known.pattern, reason) if known else None
    return known.advice.format(**match.groupdict()) if known and match else ""


def _known(reason: str) -> Known | None:
    return next((known for known in KNOWN if re.search(known.pattern, reason)), None)
