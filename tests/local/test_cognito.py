"""User pools that issue tokens, and APIs that ask for them."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from base64 import b64encode, urlsafe_b64decode, urlsafe_b64encode
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
from botocore.exceptions import ClientError

from tapgen.local import client
from tests.local.conftest import Account
from tests.waiting import wait_until

if TYPE_CHECKING:
    from tapgen.local.client import LocalAws

ACCOUNT = "100000000777"
TOKENS = "https://lab-100000000777.auth.us-east-1.amazoncognito.com/oauth2/token"
CODE = """
import json
def handler(event, context):
    body = event["requestContext"].get("authorizer")
    return {"statusCode": 200, "headers": {}, "body": json.dumps(body)}
"""


def pool(name: str, **more: Any) -> dict[str, Any]:
    return {
        f"{name}Pool": {
            "Type": "AWS::Cognito::UserPool",
            "Properties": {"UserPoolName": name.lower(), **more},
        },
        f"{name}Scopes": {
            "Type": "AWS::Cognito::UserPoolResourceServer",
            "Properties": {
                "UserPoolId": {"Ref": f"{name}Pool"},
                "Identifier": "things",
                "Name": "things",
                "Scopes": [
                    {"ScopeName": scope, "ScopeDescription": scope} for scope in ("read", "write")
                ],
            },
        },
        f"{name}Client": {
            "Type": "AWS::Cognito::UserPoolClient",
            "DependsOn": f"{name}Scopes",
            "Properties": {
                "UserPoolId": {"Ref": f"{name}Pool"},
                "GenerateSecret": True,
                "AllowedOAuthFlowsUserPoolClient": True,
                "AllowedOAuthFlows": ["client_credentials"],
                "AllowedOAuthScopes": ["things/read", "things/write"],
                "AccessTokenValidity": 15,
                "TokenValidityUnits": {"AccessToken": "minutes"},
            },
        },
    }


def method(verb: str, **more: Any) -> dict[str, Any]:
    uri = (
        "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/"
        "${Function.Arn}/invocations"
    )
    return {
        "Type": "AWS::ApiGateway::Method",
        "Properties": {
            "RestApiId": {"Ref": "Api"},
            "ResourceId": {"Fn::GetAtt": ["Api", "RootResourceId"]},
            "HttpMethod": verb,
            "AuthorizationType": "NONE",
            "Integration": {
                "Type": "AWS_PROXY",
                "IntegrationHttpMethod": "POST",
                "Uri": {"Fn::Sub": uri},
            },
            **more,
        },
    }


def api() -> dict[str, Any]:
    trust = {
        "Effect": "Allow",
        "Principal": {"Service": "lambda.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    return {
        "Role": {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]}
            },
        },
        "Function": {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "Code": {"ZipFile": CODE},
                "Handler": "index.handler",
                "Runtime": "python3.13",
                "Role": {"Fn::GetAtt": ["Role", "Arn"]},
            },
        },
        "Permission": {
            "Type": "AWS::Lambda::Permission",
            "Properties": {
                "FunctionName": {"Ref": "Function"},
                "Action": "lambda:InvokeFunction",
                "Principal": "apigateway.amazonaws.com",
            },
        },
        "Api": {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Name": "lab"}},
        "Authorizer": {
            "Type": "AWS::ApiGateway::Authorizer",
            "Properties": {
                "RestApiId": {"Ref": "Api"},
                "Name": "callers",
                "Type": "COGNITO_USER_POOLS",
                "ProviderARNs": [{"Fn::GetAtt": ["OurPool", "Arn"]}],
                "IdentitySource": "method.request.header.Authorization",
            },
        },
        "Guarded": method(
            "POST",
            AuthorizationType="COGNITO_USER_POOLS",
            AuthorizerId={"Ref": "Authorizer"},
            AuthorizationScopes=["things/write"],
        ),
        "Open": method("GET"),
        "Deployment": {
            "Type": "AWS::ApiGateway::Deployment",
            "DependsOn": ["Guarded", "Open"],
            "Properties": {"RestApiId": {"Ref": "Api"}},
        },
        "Stage": {
            "Type": "AWS::ApiGateway::Stage",
            "Properties": {
                "RestApiId": {"Ref": "Api"},
                "DeploymentId": {"Ref": "Deployment"},
                "StageName": "v1",
            },
        },
    }


class Platform:
    """An API, the user pool it trusts ("Our") and one that it does not ("Foreign")."""

    def __init__(self, local: LocalAws) -> None:
        self.local = local
        self.account = Account(local, ACCOUNT)
        self.outputs: dict[str, str] = self.deploy(api())["Outputs"]
        self.site = f"https://{self.outputs['Api']}.execute-api.us-east-1.amazonaws.com/v1/"

    def deploy(self, resources: dict[str, Any]) -> dict[str, Any]:
        domain = {
            "Type": "AWS::Cognito::UserPoolDomain",
            "Properties": {
                "UserPoolId": {"Ref": "OurPool"},
                "Domain": {"Fn::Sub": "lab-${AWS::AccountId}"},
            },
        }
        names = ("Api", "OurPool", "OurClient", "ForeignPool", "ForeignClient", "Domain")
        return self.account.deploy(
            "guarded",
            {**pool("Our"), **pool("Foreign"), "Domain": domain, **resources},
            outputs={name: {"Ref": name} for name in names},
        )

    def secret(self, name: str) -> str:
        found = self.account.client("cognito-idp").describe_user_pool_client(
            UserPoolId=self.outputs[f"{name}Pool"], ClientId=self.outputs[f"{name}Client"]
        )
        return str(found["UserPoolClient"]["ClientSecret"])

    def ask(
        self, scope: str = "things/write", *, name: str = "Our", url: str = TOKENS, secret: str = ""
    ) -> tuple[int, Any]:
        proof = f"{self.outputs[f'{name}Client']}:{secret or self.secret(name)}"
        headers = {"Authorization": f"Basic {b64encode(proof.encode()).decode()}"}
        form = urlencode({"grant_type": "client_credentials", "scope": scope})
        return self.send("POST", url, headers, form)

    def token(self, scope: str = "things/write", *, name: str = "Our") -> str:
        status, answer = self.ask(scope, name=name)
        assert status == 200, answer
        return str(answer["access_token"])

    def call(self, token: str | None, method: str = "POST") -> tuple[int, Any]:
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        return self.send(method, self.site, headers, "{}" if method == "POST" else None)

    def send(
        self, method: str, url: str, headers: dict[str, str], body: str | None
    ) -> tuple[int, Any]:
        address, extra = client.api_url(self.local, url)
        request = urllib.request.Request(  # noqa: S310 - loopback, http
            address,
            method=method,
            data=body.encode() if body else None,
            headers={
                "Content-Type": "application/x-www-form-urlencoded",
                **headers,
                **extra,
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=600) as answer:  # noqa: S310 - likewise
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)


@pytest.fixture(scope="module")
def platform(local: LocalAws) -> Platform:
    return Platform(local)


def altered(token: str, **claims: Any) -> str:
    head, body, signature = token.split(".")
    found = json.loads(urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    changed = urlsafe_b64encode(json.dumps({**found, **claims}).encode()).rstrip(b"=").decode()
    return f"{head}.{changed}.{signature}"


@pytest.mark.slow
def test_an_allowed_caller_gets_through_and_the_function_sees_the_claims(
    platform: Platform,
) -> None:
    status, authorizer = platform.call(platform.token("things/read things/write"))
    assert status == 200
    claims = authorizer["claims"]
    assert claims["client_id"] == platform.outputs["OurClient"]
    assert set(claims["scope"].split()) == {"things/read", "things/write"}
    assert claims["token_use"] == "access"


@pytest.mark.slow
def test_an_open_method_asks_for_nothing(platform: Platform) -> None:
    assert platform.call(None, "GET") == (200, None)


@pytest.mark.slow
def test_no_token_and_no_real_token_are_refused(platform: Platform) -> None:
    for token in (None, "nonsense", "a.b.c"):
        assert platform.call(token)[0] == 401


@pytest.mark.slow
def test_a_token_without_the_scope_is_refused(platform: Platform) -> None:
    assert platform.call(platform.token("things/read"))[0] in {401, 403}


@pytest.mark.slow
def test_a_token_of_another_user_pool_is_refused(platform: Platform) -> None:
    assert platform.call(platform.token(name="Foreign"))[0] == 401


@pytest.mark.slow
def test_an_altered_token_is_refused(platform: Platform) -> None:
    token = platform.token("things/read")
    assert platform.call(altered(token, scope="things/write"))[0] == 401
    assert platform.call(altered(platform.token(), exp=2**31))[0] == 401


@pytest.mark.slow
def test_a_genuine_token_is_refused_once_it_has_expired(platform: Platform) -> None:
    cognito = platform.account.client("cognito-idp")
    which = {
        "UserPoolId": platform.outputs["OurPool"],
        "ClientId": platform.outputs["OurClient"],
    }

    def let_tokens_last(value: int, unit: str) -> None:
        cognito.update_user_pool_client(
            **which,
            AccessTokenValidity=value,
            TokenValidityUnits={"AccessToken": unit},
        )

    assert platform.call(platform.token())[0] == 200
    let_tokens_last(1, "seconds")  # AWS takes five minutes and more
    try:
        token = platform.token()
        wait_until(lambda: platform.call(token)[0] == 401)
    finally:
        let_tokens_last(15, "minutes")


@pytest.mark.slow
def test_callers_of_another_pool_get_in_when_the_stage_shows_it(platform: Platform) -> None:
    """From documentation: API Gateway guide, "Deploy REST APIs" and "stage variables reference"."""
    ours, foreign = platform.token(), platform.token(name="Foreign")

    def let_in(trusted: Any, deployment: str, **variables: Any) -> list[bool]:
        resources = api()
        resources["Authorizer"]["Properties"]["ProviderARNs"] = [trusted]
        resources[deployment] = resources.pop("Deployment")
        stage = resources["Stage"]["Properties"]
        stage |= {"DeploymentId": {"Ref": deployment}, "Variables": variables}
        assert platform.deploy(resources)["StackStatus"] == "UPDATE_COMPLETE"
        return [platform.call(token)[0] == 200 for token in (ours, foreign)]

    our, their = ({"Fn::GetAtt": [f"{name}Pool", "Arn"]} for name in ("Our", "Foreign"))
    by_stage = {
        "Fn::Sub": "arn:aws:cognito-idp:us-east-1:${AWS::AccountId}:userpool/"
        "${!stageVariables.pool}"
    }
    assert let_in(their, "Deployment") == [True, False]
    assert let_in(their, "Second") == [False, True]
    assert let_in(by_stage, "Third", pool={"Ref": "OurPool"}) == [True, False]
    assert let_in(by_stage, "Third", pool={"Ref": "ForeignPool"}) == [False, True]
    assert let_in(our, "Deployment") == [True, False]


@pytest.mark.slow
def test_tokens_are_for_those_who_know_the_secret_and_for_scopes_that_they_have(
    platform: Platform,
) -> None:
    assert platform.ask(secret="guessed") == (
        400,
        {"error": "invalid_client", "error_description": "Invalid client credentials."},
    )
    assert platform.ask("things/delete")[0] == 400


@pytest.mark.slow
def test_the_token_endpoint_has_the_name_of_the_domain_and_region(platform: Platform) -> None:
    for url in (TOKENS.replace("lab-", "other-"), TOKENS.replace("us-east-1", "eu-west-1")):
        assert platform.ask(url=url) == (404, {"error": "there is no such domain"})


def test_a_protected_user_pool_is_not_deleted(account: Account) -> None:
    cognito = account.client("cognito-idp")
    made = cognito.create_user_pool(PoolName="lab", DeletionProtection="ACTIVE")["UserPool"]
    with pytest.raises(ClientError, match="deletion protection is activated"):
        cognito.delete_user_pool(UserPoolId=made["Id"])
    cognito.update_user_pool(UserPoolId=made["Id"], DeletionProtection="INACTIVE")
    cognito.create_user_pool_domain(UserPoolId=made["Id"], Domain=f"lab-{account.id}")
    with pytest.raises(ClientError, match="has a domain"):
        cognito.delete_user_pool(UserPoolId=made["Id"])
    cognito.delete_user_pool_domain(UserPoolId=made["Id"], Domain=f"lab-{account.id}")
    cognito.delete_user_pool(UserPoolId=made["Id"])
    assert cognito.list_user_pools(MaxResults=10)["UserPools"] == []


def test_a_stack_does_not_delete_a_protected_user_pool_either(account: Account) -> None:
    account.deploy("pools", pool("Lab", DeletionProtection="ACTIVE"))
    assert account.delete("pools")["StackStatus"] == "DELETE_FAILED"
    assert "deletion protection" in account.reasons("pools")["LabPool"]
    account.deploy("others", pool("Lab"))
    assert account.delete("others")["StackStatus"] == "DELETE_COMPLETE"
