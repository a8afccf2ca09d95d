"""How a run goes on: the walk through a graph, what it tells, work on several things at once.

The lowest group of `deploy`: it knows neither targets nor stacks, and never calls AWS.
"""
