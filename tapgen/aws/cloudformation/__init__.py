"""CloudFormation for one account and region: stacks, change sets, events, drift.

`api.CloudFormation` has a verb for each call, `watch` follows stacks to their end. A normal outcome
is a result: no changes, no stack and a missing change set raise no error. It never decides whether
something may be done.
"""
