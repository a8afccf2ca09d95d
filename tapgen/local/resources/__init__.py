"""What MiniStack lacks of CloudFormation, one small module per AWS service.

A module lists its provisioners; `SERVICES` lists the modules. Nothing is found by magic.
"""

from __future__ import annotations


def install(port: int) -> None:
    """Register every provisioner; `port` is where they call the server back."""
