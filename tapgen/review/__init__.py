"""What files alone can tell of a change: differences, findings, sameness.

This room imports `render` and the rooms below it. It never asks AWS; what was found there is handed
in as values, so that a test, a plan and a comparison with a git revision are the same to it.
"""
