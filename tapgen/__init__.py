"""tapgen keeps several AWS environments of one platform identical.

The engine knows no platform: `model`, `settings`, `render`, `review`, `iam`, `aws`, `deploy`,
`project`, `operations`, `cli`. The platform that comes with it is `payments`; `local` is a local
AWS. docs/architecture.md describes each room, and what it must not contain.
"""

__version__ = "0.1.0"
