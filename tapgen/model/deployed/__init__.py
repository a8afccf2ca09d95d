"""What AWS tells of deployed stacks, as values: status, events, outcomes, drift."""
