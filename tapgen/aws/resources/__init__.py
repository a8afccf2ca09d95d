"""Single resources of other services that a deployment deals with."""
