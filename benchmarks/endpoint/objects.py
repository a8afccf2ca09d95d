"""S3 in one account, as far as templates need it: objects are stored, and listed by prefix.

It never finds anything else, so function code is always uploaded, and no retained bucket exists.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

from benchmarks.endpoint.stacks import RefusalError


class Objects:
    """Stored objects by path (bucket and key)."""

    def __init__(self) -> None:
        self._bodies: dict[str, bytes] = {}

    def call(self, action: str, url: str, body: bytes) -> dict[str, Any]:
        """Answer a call. `action` is the method and the number of parts of the path.

        Raises `RefusalError`.
        """
        address = urlsplit(url)
        prefix = parse_qs(address.query).get("prefix")
        if action in {"HEAD 1", "HEAD 2"}:
            raise RefusalError("404", "Not Found")
        if action.startswith("PUT "):
            self._bodies[address.path] = body
        elif action == "GET 1" and prefix:
            return {"ListBucketResult": self._listed(f"{address.path.rstrip('/')}/", prefix[0])}
        elif action == "GET 1":
            return {"ListAllMyBucketsResult": {"Buckets": ""}}
        return {}

    def template(self, url: str) -> str:
        """The object at a URL. Raises `RefusalError`, as CloudFormation does."""
        body = self._bodies.get(urlsplit(url).path)
        if body is None:
            raise RefusalError(
                "ValidationError",
                "TemplateURL must reference a valid S3 object to which you have access.",
            )
        return body.decode()

    def _listed(self, bucket: str, prefix: str) -> dict[str, Any]:
        """At most one object, which is all that callers request."""
        found = next((path for path in self._bodies if path.startswith(bucket + prefix)), None)
        if found is None:
            return {"KeyCount": 0, "IsTruncated": False}
        first = {"Key": found.removeprefix(bucket), "Size": len(self._bodies[found])}
        return {"KeyCount": 1, "IsTruncated": False, "Contents": first}
