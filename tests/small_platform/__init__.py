"""A second platform, of two layers: what the engine does for it, it does for any."""
