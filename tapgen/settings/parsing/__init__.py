"""The text of one environment file -> values, each with its place."""
