"""The REST API: routes, models, authorizer, answers, deployment."""
