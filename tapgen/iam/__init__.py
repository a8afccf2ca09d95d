"""Which IAM permissions a deployment and a review need."""
