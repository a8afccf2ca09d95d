"""Keys, tables, autoscaling, bucket policies."""
