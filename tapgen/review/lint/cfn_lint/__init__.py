"""cfn-lint on every template with the values of each environment. Only this package imports it.

`linter` runs it, in this process or in forked ones, with the same result on every machine. `fast`
replaces slow parts, for the versions of cfn-lint with which that was tested.
"""
