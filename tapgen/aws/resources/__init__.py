"""Single resources of other services that a deployment reads, uploads or deletes.

They are retained data, function code, live capacity and others. Nothing here runs unless `deploy`
calls it.
"""
