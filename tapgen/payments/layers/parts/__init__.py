"""Parts of layers, grouped by purpose.

A part creates resources for one or several layers. Like a layer, it knows no environment.
"""
