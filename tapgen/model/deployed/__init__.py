"""Deployed stacks as values: status, events, outcomes, drift."""
