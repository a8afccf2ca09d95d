"""How a run goes on: the walk through a graph, what it tells, work on several things at once."""
