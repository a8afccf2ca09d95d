"""The use cases that touch AWS: plan, deploy, destroy, status, outputs, verify.

Each yields or returns values; nothing here prints. May use `aws` and everything below it.
"""
