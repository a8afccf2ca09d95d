"""One module for each row. `measure(folder, runs)` returns measurements from that empty folder."""
