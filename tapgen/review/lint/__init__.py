"""Findings: faults in settings, cfn-lint, tapgen's rules and the platform's, security scanners.

`lint.lint` asks cfn-lint and the rules, `scanners.scanning.scan` the scanners; both give findings
in order of place. Nothing here prints, or changes what it looks at.
"""
