"""AWS in tapgen's own verbs: accounts, sessions, clients, a lease, and how often to ask.

This room imports `model`, and is the only one of the engine that imports boto3 or botocore. It
returns values of ours, and raises errors with a next step. It decides nothing about stacks and
prints nothing.
"""
