"""Reading what is deployed: states, outputs, drift, parity, verification.

It imports `target`. It changes nothing in AWS and takes no lock, so it can run at any time.
"""
