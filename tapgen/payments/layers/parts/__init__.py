"""Parts of layers, grouped by what they serve.

A part makes what one or several layers hold. Like a layer, it knows no environment.
"""
