"""Values, and what follows from values alone: no file, no network, no process, no printing."""
