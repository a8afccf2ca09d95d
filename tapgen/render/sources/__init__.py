"""What a layer's template is made of: a builder module or a template file.

`drafts` is the one place where a layer becomes a template, whatever its source. Nothing here knows
an environment, and no source is changed.
"""
