"""The layers of the payments platform, each a CloudFormation template.

A module has the name of its layer in `registry`, and a function `build` without arguments. Its
result depends only on code, so it is the same in every environment. Layers import `render` and
`model`, and nothing that calls AWS.
"""
