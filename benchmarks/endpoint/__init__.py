"""A simulated AWS endpoint whose stacks take a given time, and which counts every call.

CloudFormation has its state machine (change sets, events, statuses, outputs, "no changes"), but
creates no resources: it only waits. Other services support the calls that a deployment makes. The
access key identifies the account, so one endpoint serves many.
"""
