"""An AWS endpoint whose stacks take as long as they are told to, and which counts every call.

CloudFormation keeps its state machine (change sets, events, statuses, outputs, "no changes"), but
no resource is made: the time that a stack takes is spent waiting. Of the other services it has what
a deployment asks them. Accounts are access keys, so that one endpoint serves many.
"""
