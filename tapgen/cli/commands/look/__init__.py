"""Commands that look at an environment."""
