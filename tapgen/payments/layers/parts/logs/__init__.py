"""Log groups, access logs and flow logs."""
