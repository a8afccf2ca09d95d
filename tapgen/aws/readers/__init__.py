"""Deployed resources in the shape of their template properties: one module a service."""
