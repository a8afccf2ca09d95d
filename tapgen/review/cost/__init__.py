"""What environments cost a month, from what is rendered: quantities of each resource, list prices.

Pure: no AWS, no clock, and nothing is rounded before it is shown.
"""
