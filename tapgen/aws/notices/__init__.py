"""Sending notices to an SNS topic or a webhook, without knowledge of their content.

Each is tried twice within seconds. The address of a webhook is a secret: no error contains it.
"""
