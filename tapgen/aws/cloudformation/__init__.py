"""CloudFormation for one account and region: stacks, change sets, events, drift.

`api.CloudFormation` has a verb for each call, `watch` follows stacks to their end. A normal outcome
is a result: no changes, no stack, and a change set that is gone raise nothing. It never decides
whether something may be done.
"""
