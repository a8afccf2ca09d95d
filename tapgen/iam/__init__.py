"""The IAM permissions that a deployment and a review need, and on which resources.

They are derived from the rendered stacks, AWS's schemas of their resource types and tapgen's own
calls. This room imports `review` and the rooms below it, knows no platform's resources by name, and
never calls AWS.
"""
