"""SNS topics: encryption, display name and tracing."""

from __future__ import annotations

from tapgen.local.caller import call
from tapgen.local.provisioner import Extension, Properties

_ATTRIBUTES = ("KmsMasterKeyId", "DisplayName", "SignatureVersion", "TracingConfig")


def _apply(topic: str, old: Properties, new: Properties) -> None:
    for name in _ATTRIBUTES:
        # MiniStack sets the display name to the topic's name; AWS sets none.
        if new.get(name) != old.get(name) or (name == "DisplayName" and not old):
            call(
                "sns",
                "SetTopicAttributes",
                TopicArn=topic,
                AttributeName=name,
                AttributeValue=new.get(name, ""),
            )


PROVISIONERS = (Extension(type="AWS::SNS::Topic", apply=_apply),)
