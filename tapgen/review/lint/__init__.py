"""Findings: settings, cfn-lint, rules of tapgen and of the platform, security scanners."""
