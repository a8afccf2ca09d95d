"""Single resources of other services that a deployment deals with.

What it finds, uploads or purges beside stacks: retained data, function code, live capacity. Nothing
here is done unless `deploy` asks for it.
"""
