"""tapgen keeps several AWS environments of one platform identical.

The engine knows no platform: `model`, `settings`, `render`, `review`, `iam`, `aws`, `deploy`,
`project`, `operations`, `cli`. The platform that comes with it is `payments`; `local` is an AWS on
one's own machine. docs/architecture.md says what each room holds, and what it never does.
"""

__version__ = "0.1.0"
