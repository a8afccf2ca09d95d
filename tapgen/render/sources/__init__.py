"""Sources of layers' templates: builder modules and template files.

`drafts` is the only place where a layer becomes a template, whatever its source. Nothing here knows
an environment, and no source is changed.
"""
