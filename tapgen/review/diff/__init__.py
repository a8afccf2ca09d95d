"""Two sides compared, property by property, with the effect of each change.

A side is rendered, committed or deployed; here each is a set of `snapshot.Snapshot`s. `comparison`
compares all layers, `stacks` and `resources` one of them. `requirements` knows how AWS carries out
a change, `causes` why there is one. `report` has the result, for any view.
"""
