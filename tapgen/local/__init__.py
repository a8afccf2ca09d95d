"""The embedded local AWS: MiniStack as a child process, its CloudFormation gaps filled in.

The rest of tapgen imports `tapgen.local.client` and nothing else of this folder; everything else
here runs inside the server process. `docs/local-aws.md` says what it can and can never show.
"""
