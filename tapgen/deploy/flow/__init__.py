"""The course of a run: the walk through a graph, events, and work in parallel.

The lowest group of `deploy`: it knows neither targets nor stacks, and never calls AWS.
"""
