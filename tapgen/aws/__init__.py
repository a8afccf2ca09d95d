"""Act: the only place where boto3 is used, in tapgen's own verbs.

Ordinary outcomes ("no changes", "does not exist") are results; what AWS refuses becomes a
`TapgenError` with a next step. Never click or printing.
"""
