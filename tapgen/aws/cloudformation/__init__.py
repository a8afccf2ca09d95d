"""CloudFormation for one account and region: stacks, change sets, events, drift."""
