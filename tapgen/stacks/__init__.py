"""Decide: a layer in an environment becomes a `Stack` value; graph, render, lint, plan and guards.

Pure functions over values. May use the standard library, and cfn-lint in `lint` only. Never boto3,
click or printing.
"""
