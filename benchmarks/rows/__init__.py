"""One module a row: `measure(folder, runs)` gives what was measured in that (empty) folder."""
