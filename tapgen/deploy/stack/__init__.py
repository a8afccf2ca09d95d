"""One operation on one stack, from its start to its end, and what to do when it fails."""
