"""How notices are sent: to an SNS topic, or to a webhook. Nothing here knows what they say.

Each is tried twice within seconds. The address of a webhook is a secret: it is in no error.
"""
