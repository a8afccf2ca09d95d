"""Two sides compared, property by property, with the effect that a change would have.

A side is rendered, committed or deployed; here they are `snapshot.Snapshot`s alike. `comparison`
goes through the layers, `stacks` and `resources` through one of them, `requirements` knows what AWS
does with a change, `causes` where it comes from; `report` holds the result, for any view.
"""
