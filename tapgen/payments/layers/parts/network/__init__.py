"""Subnets and endpoints of the VPC."""
