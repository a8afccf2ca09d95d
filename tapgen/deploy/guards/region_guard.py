"""The guard of place: the environment's stacks are where its settings say.

Another `region` in the settings would not move anything: it would make everything a second time,
with empty tables, while the first copy goes on. Stacks of another region are invisible from here,
but bucket names are one list for the whole account and end in their region, so a single call tells.
"""

from __future__ import annotations

import re

from tapgen.aws.resources.buckets import buckets_beginning
from tapgen.deploy.target.target import Target
from tapgen.errors import RefusedError
from tapgen.model.limits import REGION
from tapgen.model.stack import Stack
from tapgen.model.templates.intrinsics import Resolver

_BUCKET = "AWS::S3::Bucket"


def refuse_other_region(target: Target) -> None:
    """Raise `RefusedError` where a protected environment already lives in another region."""
    where = target.artifacts
    storage = target.stacks[where.layer] if where else None
    if storage is None or not storage.protected:
        return
    ending = f"-{storage.region}"
    name = next((name for name in _bucket_names(storage) if name.endswith(ending)), None)
    if name is None:
        return
    start = name.removesuffix(storage.region)
    found = buckets_beginning(target.account, storage.region, start)
    elsewhere = [other for other in found if re.search(REGION, other.removeprefix(start))]
    if name in elsewhere or not elsewhere:
        return
    home = elsewhere[0].removeprefix(start)
    raise RefusedError(
        f"{target.environment} lives in {home} (bucket {elsewhere[0]}), but its settings say "
        f"{storage.region}: deploying would make a second, empty environment there",
        f"Write `region: {home}` again. To move for good: switch protection off and destroy the "
        f"environment in {home} with --purge-data first, after its data has been copied.",
    )


def _bucket_names(stack: Stack) -> list[str]:
    resolver = Resolver(
        stack.template.document, stack.parameters, stack.account_id, stack.region
    ).resolve()
    return [
        str(resource["Properties"]["BucketName"])
        for _, resource in sorted(resolver.resources.items())
        if resource["Type"] == _BUCKET
    ]
