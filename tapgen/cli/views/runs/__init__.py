"""Plans, progress and outcomes of a run."""
