"""Plans, progress and outcomes of a run, of one environment or of several.

`showing.progress` finds the view that fits; `ends` shows plans and ends, and gives the exit code.
"""
