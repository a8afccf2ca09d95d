"""Describe: one builder module per layer, and the registry that lists them.

A layer is the same for every environment, so `build()` takes no arguments: sizing comes in through
template parameters only. May use troposphere and awacs. Never files, the network or an
environment's name.
"""
