"""The layers of the payments platform, each a CloudFormation template."""
