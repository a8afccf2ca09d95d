"""ARNs and trust policies."""
