"""Planning: change sets for every stack that can be planned, and the file that keeps them.

It imports `guards`, `stack` and the groups below them. It creates and deletes change sets, and
never executes one.
"""
