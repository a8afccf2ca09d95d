"""What a change does to properties, as values: before, after, cause, and what of it is secret."""
