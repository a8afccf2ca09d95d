"""Findings: faults in settings, cfn-lint, the rules of tapgen and the platform, security scanners.

`lint.lint` runs cfn-lint and the rules, `scanners.scanning.scan` the scanners. Both return findings
in order of place. Nothing here prints, or changes what it checks.
"""
