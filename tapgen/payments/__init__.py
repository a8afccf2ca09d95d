"""The payments platform: a REST API for payments and sessions, as one `Platform` value.

`platform.PLATFORM` names its parts: layers, settings, checks, rules, guards, live checks,
functions. It may use the engine up to `deploy`. Nothing imports it: `tapgen.project` loads it by
name.
"""
