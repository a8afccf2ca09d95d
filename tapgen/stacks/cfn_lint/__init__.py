"""cfn-lint as tapgen asks it: nothing else in tapgen imports it.

It takes half a second to load, so it is loaded inside functions only, and in a process of its own
where that is safe. `question` says what is asked, `linter` asks it, and `swift` are the parts of
cfn-lint that are replaced by equal ones that take less time.
"""
