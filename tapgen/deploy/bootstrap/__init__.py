"""The baseline of an account, which `tapgen bootstrap` creates before the first deployment.

An administrator deploys its stack like a layer. Nothing here prints or asks.
"""
