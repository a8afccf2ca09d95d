"""Guards of this platform: origin secret, capacity, updates of the API, delegation, logging role.

A guard is a function from `deploy.guards.guard.Subject` to notes, and a line in `registry`. It
makes few calls to AWS and public DNS, and changes nothing.
"""
