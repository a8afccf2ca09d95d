"""Changes of properties as values: before, after, cause, and which of them are secret."""
