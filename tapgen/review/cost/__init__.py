"""Monthly costs of environments, from rendered stacks: quantities of each resource, list prices.

Pure: no AWS, no clock, and nothing is rounded before it is shown.
"""
