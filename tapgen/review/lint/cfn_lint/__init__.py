"""cfn-lint on every template. The only place that imports it."""
