"""tapgen's own lint rules: what cfn-lint cannot know about this platform.

One rule a module, each a pure function from a template (or a stack among its siblings) to problems;
`registry` lists them all. An exception that was weighed is recorded on the resource it concerns, as
`Metadata.tapgen.Accepted.<name of the rule>`, with its reason.
"""
