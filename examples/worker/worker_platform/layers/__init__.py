"""A module for each layer. A builder knows no environment: what may differ are parameters."""
