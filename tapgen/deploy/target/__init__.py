"""What a run works on: an environment's stacks, its account, its lock, its options."""
