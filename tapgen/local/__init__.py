"""The embedded local AWS: MiniStack as a child process, with what it lacks of CloudFormation.

The rest of tapgen imports only `tapgen.local.client` from this folder. Everything else runs inside
the server process, and imports nothing from the rest of tapgen. `docs/local-aws.md` describes what
it can show and what it cannot.
"""
