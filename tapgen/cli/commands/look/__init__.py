"""Commands that inspect an environment."""
