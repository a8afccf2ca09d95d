"""What is read out of a comparison: whether it may pass, and what environments have in common."""
