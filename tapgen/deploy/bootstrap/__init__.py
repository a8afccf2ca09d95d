"""The baseline of an account: what `tapgen bootstrap` makes before anything is deployed.

Its stack is deployed like a layer, by an administrator. Nothing here prints or asks.
"""
