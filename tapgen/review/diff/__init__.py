"""Two sides compared, property by property, with the effect that a change would have."""
