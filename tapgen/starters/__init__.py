"""The files of a new project, which `tapgen init` writes from those in `files/`.

They contain `@words@` in place of the user's answers. Nothing here imports a platform, calls AWS or
prints.
"""
