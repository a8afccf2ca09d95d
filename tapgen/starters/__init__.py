"""What `tapgen init` writes: the files of a new project, made from those in `files/`.

They are the files of a project with `@words@` in the place of what people answer. Nothing here
imports a platform, asks AWS or prints.
"""
