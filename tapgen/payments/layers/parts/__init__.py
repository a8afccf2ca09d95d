"""Parts of layers, grouped by what they serve."""
