"""Security scanners for resolved stacks: an optional extra, and checkov's report.

Only `engine` imports the extra. A scanner that could not check everything is an error, never an
empty list.
"""
