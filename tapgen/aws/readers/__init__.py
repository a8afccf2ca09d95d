"""Deployed resources in the form of their template properties: one module per service.

A reader calls the resource's own service, so that it returns the actual state and not what
CloudFormation assumes. `registry` lists them. They are read-only, and never read a secret's value.
"""
