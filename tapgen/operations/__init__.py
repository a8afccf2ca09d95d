"""One function for each thing people do: the order of the steps, and nothing else.

The command line calls these functions, and so may any program: they are the public Python API.
They print nothing and ask through their host only.
"""
