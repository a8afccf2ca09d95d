"""Looking at what is deployed: states, outputs, drift, sameness, verification.

It imports `target`. It changes nothing in AWS and takes no lock, so anybody may look at any time.
"""
