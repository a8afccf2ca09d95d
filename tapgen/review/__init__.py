"""Reviews of a change that need only files: differences, findings, parity, costs.

This room imports `render` and the rooms below it. It never calls AWS. What was read there is passed
in as values, so a test, a plan and a comparison with a git revision use the same code.
"""
