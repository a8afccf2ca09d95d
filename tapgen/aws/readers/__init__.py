"""Deployed resources in the shape of their template properties: one module a service.

A reader asks the resource's own service, so that what it gives is what there is and not what
CloudFormation believes. `registry` lists them. They read only, and never a secret's value.
"""
