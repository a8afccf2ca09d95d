"""What each Lambda function has: role, settings, version and alias, dead letters."""
