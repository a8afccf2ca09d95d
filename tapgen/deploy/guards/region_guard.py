"""The guard of the region: a protected environment is not deployed to a second region by mistake.

Another `region` in the settings would not move anything. It would create everything again, with
empty tables, while the first copy keeps running. Stacks of another region cannot be seen from here,
but bucket names are listed for the whole account and end in their region, so one call is enough.
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
    """Raise `RefusedError` if a protected environment already exists in another region."""
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
        f"{target.environment} already exists in {home} (bucket {elsewhere[0]}), but its settings "
        f"say {storage.region}: deploying would create a second, empty environment there",
        f"Set `region: {home}` again. To move permanently: copy the data, switch protection off, "
        f"and destroy the environment in {home} with --purge-data first.",
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
