"""tapgen's own rules about templates and stacks: the engine's, which hold for any platform.

A rule is a function in the module of its subject and a line in `registry`; a platform brings its
own, see `rule.Rules`. Rules look at what is rendered, never at settings files or at AWS.
"""
