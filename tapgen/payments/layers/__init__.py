"""The layers of the payments platform, each a CloudFormation template.

A module is called like its layer in `registry` and has a function `build` without arguments: what
it makes depends on nothing but code, so that it is the same in every environment. Layers import
`render` and `model`, and nothing that asks AWS.
"""
