"""CodeDeploy for Lambda: applications, deployment groups, and deployments that shift traffic.

Only what moves an alias from one version of a function to another is answered: no instances, no
ECS. Times are those of AWS, shortened as `tapgen.local.minutes` says.
"""
