"""Commands around it: policies, the local AWS, completion."""
