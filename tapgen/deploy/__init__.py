"""Everything that a run does in AWS, in groups that import each other in one direction.

docs/architecture.md lists the groups, setup.cfg their order. This room imports `aws`, `iam`,
`review` and the rooms below them. It prints nothing, asks only through its host, and knows neither
the command line nor any platform except the value that it is passed.
"""
