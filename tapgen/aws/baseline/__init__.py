"""Parts of an account that exist before any deployment: identity providers, keys, staging."""
