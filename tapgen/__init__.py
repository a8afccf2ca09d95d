"""tapgen keeps several AWS environments of one payments API identical.

The four steps, each in a folder of its own: describe (`layers`), decide (`stacks`), act (`aws` and
`deploy`), talk (`cli`). `docs/architecture.md` follows one deployment through them.
"""

__version__ = "0.1.0"
