"""What would be done: change sets for all that can be planned, and the file they are kept in.

It imports `guards`, `stack` and the groups below them. It makes and removes change sets, and never
executes one.
"""
