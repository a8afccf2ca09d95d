"""What would stop tapgen halfway is told before, all at once, each with the part it is about."""

from __future__ import annotations

from typing import Any

import pytest

from tapgen.render.sources.reading import read
from tapgen.render.sources.soundness import flaws, section_of

SOUND = """
AWSTemplateFormatVersion: 2010-09-09
Description: Everything that a template may hold.
Metadata:
  AWS::CloudFormation::Interface: {ParameterGroups: []}
Parameters:
  Size: {Type: Number, Default: 5, AllowedValues: [5, 6]}
  Image: {Type: AWS::SSM::Parameter::Value<String>, Default: /image}
Mappings:
  Zones: {eu-west-1: {Count: 2}}
Rules:
  Check: {Assertions: [{Assert: !Contains [[a], !Ref Size], AssertDescription: Why.}]}
Conditions:
  IsBig: !Equals [!Ref Size, 6]
  IsNot: !Not [!Condition IsBig]
  IsAny: !Or [!Condition IsBig, !And [!Condition IsNot, !Condition IsBig]]
Resources:
  Topic:
    Type: AWS::SNS::Topic
    Condition: IsBig
    DependsOn: Queue
    DeletionPolicy: Retain
    Properties:
      DisplayName: !Sub ["${Own}-${Size}-${Queue.Arn}-${!Literal}-${AWS::Region}", {Own: x}]
      TopicName: !Join ["-", [!Select [0, !Split ["-", a-b]], !ImportValue other]]
  Queue:
    Type: AWS::SQS::Queue
    DependsOn: []
    Metadata: {tapgen: {Accepted: {T023: Nothing secret here.}, Regenerable: Why.}}
    Properties:
      Policy: {Statement: [{Condition: {StringEquals: {a: b}}}]}
      Named: {Condition: "a > b", Other: 1}
      Delay: !If [IsBig, !FindInMap [Zones, !Ref "AWS::Region", Count], !Ref "AWS::NoValue"]
      Data: !Base64 {"Fn::Sub": "${Queue}"}
      Parts: !Cidr [10.0.0.0/16, 2, 8]
      Zones: !GetAZs ""
Outputs:
  Arn: {Value: !GetAtt Queue.Arn, Condition: IsBig}
"""


def found(text: str) -> list[str]:
    reading = read(text.encode(), "t.yaml")
    assert reading.faults == ()
    return [str(reading.fault(flaw)).partition(":")[2] for flaw in flaws(reading.document)]


def test_a_sound_template_has_no_flaws() -> None:
    assert found(SOUND) == []


RESOURCES = "Resources:\n  A: {Type: AWS::SNS::Topic}\n"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Transform: AWS::Serverless-2016-10-31\n",
         ("3:1: Transform: names a macro, whose result nobody can review; "
         "name the processed template instead: `aws cloudformation get-template --template-stage "
         "Processed --query TemplateBody --stack-name ...`")),
        ("Hooks: {}\n", "3:1: Hooks: names a macro"),
        (
            "Parameter: {}\n",
            "3:1: Parameter: is not a section of a template; did you mean Parameters",
        ),
        ("Xyzzy: {}\n", "3:1: Xyzzy: is not a section of a template; sections are AWSTemplate"),
        ("Outputs:\n", "3:1: Outputs: is not a mapping; write its content as `name: ...`"),
        ("Description: 5\n", "3:1: Description: is not text"),
        ("Metadata: {tapgen: 1}\n", "3:12: Metadata.tapgen: is reserved: tapgen notes the"),
        ("Outputs: {TapgenSeal: {Value: a}}\n",
         ("3:11: Outputs.TapgenSeal: is reserved: tapgen adds an output of this name to every "
         "template; rename it")),
        ("Outputs: {Arn: 1}\n", "3:11: Outputs.Arn: is not a mapping; write its content"),
        ("Outputs: {Arn: {Valeu: 1}}\n", "3:11: Outputs.Arn: has no Value"),
        ("Outputs: {B: {Value: 1, Condition: [1]}}\n", "3:25: Outputs.B.Condition: is not text"),
        ("Outputs: {B: {Value: 1, Condition: No}}\nConditions: {Noo: !Equals [1, 1]}\n",
         "3:25: Outputs.B.Condition: is not text"),
        ("Outputs: {B: {Value: 1, Condition: Not}}\nConditions: {Nott: !Equals [1, 1]}\n",
         "3:25: Outputs.B.Condition: there is no condition Not; did you mean Nott?"),
        ("Parameters: {P: {Default: 1}}\n", "3:14: Parameters.P: has no Type"),
        ("Parameters: {P: {Type: String, Default: [1]}}\n",
         "3:32: Parameters.P.Default: is neither text nor a number"),
        ("Parameters: {P: {Type: String, AllowedValues: a}}\n",
         "3:32: Parameters.P.AllowedValues: is not a list"),
        ("Conditions: {A: !Condition B, B: !Not [!Condition A]}\n",
         "3:14: Conditions.A: depends on itself; let it depend on parameters"),
        ("Conditions: {A: !Not [!Condition A]}\n", "3:14: Conditions.A: depends on itself"),
    ],
)  # fmt: skip
def test_a_section_that_is_wrong(text: str, told: str) -> None:
    assert told in "\n".join(found(RESOURCES + text))


@pytest.mark.parametrize("text", ["Description: x\n", "Resources: {}\n"])
def test_a_template_without_resources(text: str) -> None:
    assert "1:1: Resources: the template has no resources; add one" in found(text)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("{}", "2:3: Resources.A: has no Type; name the type of the resource, `Type: AWS::...`"),
        ("{Type: [x]}", "2:3: Resources.A: has no Type"),
        ("{Type: AWS::Serverless::Function}",
         "2:7: Resources.A.Type: AWS::Serverless::Function is a type of SAM's macro, whose "),
        ("{Type: AWS::CDK::Metadata}", "leave it out: `cdk synth --no-version-reporting`"),
        ("{Type: T, Properties: [x]}", "2:16: Resources.A.Properties: is not a mapping"),
        ("{Type: T, DeletionPolicy: !Ref A}", "2:16: Resources.A.DeletionPolicy: is not text"),
        ("{Type: T, DependsOn: [1]}", "2:16: Resources.A.DependsOn: does not name resources"),
        ("{Type: T, Metadata: {tapgen: x}}",
         "Resources.A.Metadata.tapgen: is not a mapping; tapgen reads Accepted and Regenerable"),
        ("{Type: T, Metadata: {tapgen: {Acepted: {}}}}",
         "Metadata.tapgen.Acepted: is not known to tapgen; did you mean Accepted?"),
        ("{Type: T, Metadata: {tapgen: {Xyzzy: {}}}}", "; tapgen reads Accepted and Regenerable"),
        ("{Type: T, Metadata: {tapgen: {Accepted: [T023]}}}",
         "Metadata.tapgen.Accepted: is not a mapping of rules to reasons; write `rule: reason`"),
        ("{Type: T, Metadata: {tapgen: {Accepted: {T023: 1}}}}", "is not a mapping of rules"),
        ("{Type: T, Metadata: {tapgen: {Regenerable: 1}}}", "tapgen.Regenerable: is not a reason"),
    ],
)  # fmt: skip
def test_a_resource_that_is_wrong(body: str, told: str) -> None:
    assert told in "\n".join(found(f"Resources:\n  A: {body}\n"))


def test_a_loop_in_place_of_a_resource_is_told_as_one() -> None:
    (one,) = found("Resources: {'Fn::ForEach::Topics': [X, [a], {}]}\n")
    assert "Fn::ForEach::Topics: is a function of the macro AWS::LanguageExtensions; name" in one


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("!Ref B", "Ref: there is no parameter or resource B; did you mean AB?"),
        ("!Ref Xyzzy", "Ref: there is no parameter or resource Xyzzy"),
        ("{Ref: [A]}", "Ref: does not name a parameter or resource"),
        ("{Ref: AB, Other: 1}", "Ref: is not the only key of its mapping; write a function as a"),
        ("{'Fn::Sbu': x}", "Fn::Sbu: is not a CloudFormation function; did you mean Fn::Sub?"),
        ("{'Fn::Xyzzyx': x}", "Fn::Xyzzyx: is not a CloudFormation function"),
        ("!Transform {Name: AWS::Include}", "Fn::Transform: is a macro, whose result nobody can"),
        ("!Length [a]", "Fn::Length: is a function of the macro AWS::LanguageExtensions; name"),
        ("{'Rain::Embed': x}", "Rain::Embed: is a directive of Rain; `rain pkg FILE --output OTH"),
        ("{Condition: Not}", "Condition: there is no condition Not"),
        ("!If [Not, 1, 2]", "Fn::If: there is no condition Not"),
        ("!If [Not, 1]", "Fn::If: accepts a list of 3"),
        ("!GetAtt AB", "Fn::GetAtt: does not name a resource and an attribute"),
        ("!GetAtt [AB, !Ref AB]", "Fn::GetAtt: does not name a resource and an attribute"),
        ("!GetAtt ABC.Arn", "Fn::GetAtt: there is no resource ABC; did you mean AB?"),
        ("!Sub [a]", "Fn::Sub: accepts a text, or [text, {variable: value}]"),
        ("!Sub [a, b]", "Fn::Sub: accepts a text, or [text, {variable: value}]"),
        ("!Sub '${ABC}'", "Fn::Sub: there is no parameter or resource ABC; did you mean AB?"),
        ("!Sub '${ABC.Arn}'", "Fn::Sub: there is no resource ABC; did you mean AB?"),
        ("!Join [a]", "Fn::Join: accepts a list of 2"),
        ("!Join [a, b]", "Fn::Join: accepts a separator and a list"),
        ("!Cidr [a]", "Fn::Cidr: accepts a list of 2 to 3"),
        ("!GetAZs [a]", "Fn::GetAZs: accepts one value"),
        ("[[{a: !FindInMap [a, b]}]]", "0.0.a.Fn::FindInMap: accepts a list of 3"),
    ],
)  # fmt: skip
def test_a_function_that_is_wrong(value: str, told: str) -> None:
    (one,) = found(f"Resources:\n  AB:\n    Type: T\n    Properties:\n      P: {value}\n")
    assert told in one


def test_all_flaws_are_told_at_once() -> None:
    text = "Output: {}\nResources:\n  A: {Type: T, Properties: {P: !Ref B, Q: !GetAtt C.D}}\n"
    assert len(found(text)) == 3


def test_of_a_template_for_a_macro_only_that_is_told() -> None:
    text = "Transform: X\nHooks: {}\nGlobals: {}\nResources:\n  A: {Type: T, P: !Ref B}\n"
    assert [one.partition(" ")[0] for one in found(text)] == ["2:1:", "1:1:"]


@pytest.mark.parametrize(("section", "known"), [({"A": 1}, {"A": 1}), (None, {}), ([1], {})])
def test_a_section_is_a_mapping_or_empty(section: Any, known: dict[str, Any]) -> None:
    assert section_of({"Outputs": section}, "Outputs") == known
    assert section_of({}, "Outputs") == {}
