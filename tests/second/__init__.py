"""A second platform, of two small layers: nothing of it is known to the engine, nor to payments."""
