"""Security scanners over resolved stacks."""
