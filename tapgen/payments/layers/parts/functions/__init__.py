"""Parts of Lambda functions: role, settings, version and alias, dead letters."""
