"""Parts that several layers are made of: one module each, taking a `Blueprint` or plain values.

Like the layers, they know no environment, read no file and touch no network.
"""
