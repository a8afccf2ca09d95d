"""Which permissions an environment's people need: pure values, derived from what is rendered.

`calls` lists what tapgen itself asks of AWS, `handlers` what CloudFormation asks for a resource
type with the caller's credentials, `scope` on which resources, `policies` puts them together.
"""
