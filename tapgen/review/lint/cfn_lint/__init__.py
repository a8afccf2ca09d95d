"""cfn-lint on every template with the values of each environment. The only place that imports it.

`linter` asks it, in this process or in forked ones, so that the machine makes no difference. `fast`
holds parts that only take less time, for the versions of cfn-lint that they were tested with.
"""
