"""CodeDeploy for Lambda: applications, deployment groups, and deployments that shift traffic.

Only moving an alias from one version of a function to another is supported: no instances, no ECS.
Times are AWS's, shortened by `tapgen.local.minutes`.
"""
