import json
from collections.abc import Callable
from typing import Any

import pytest

Template = dict[str, Any]


@pytest.fixture
def cdn(template: Callable[[str], Template]) -> Template:
    return template("cdn")


@pytest.fixture
def config(cdn: Template) -> Template:
    found: Template = cdn["Resources"]["Distribution"]["Properties"]["DistributionConfig"]
    return found


# --- distribution ---------------------------------------------------------------------------


def test_the_origin_is_the_real_api_and_knows_its_distribution(config: Template) -> None:
    (origin,) = config["Origins"]
    assert origin["DomainName"] == {"Ref": "ApiDomainName"}
    assert origin["OriginPath"] == {"Fn::Sub": "/${StageName}"}
    assert origin["CustomOriginConfig"] == {
        "OriginProtocolPolicy": "https-only",
        "OriginSSLProtocols": ["TLSv1.2"],
        "OriginReadTimeout": 30,
    }
    assert origin["OriginCustomHeaders"] == [
        {
            "HeaderName": "x-origin-verify",
            "HeaderValue": {
                "Fn::Sub": "{{resolve:secretsmanager:${OriginSecretName}:SecretString:current}}"
            },
        }
    ]


def test_the_secret_is_nowhere_but_in_the_origins_header(cdn: Template) -> None:
    assert json.dumps(cdn).count("{{resolve:") == 1
    assert "Default" not in cdn["Parameters"]["OriginSecretName"]


def test_payments_are_forwarded_and_never_cached(config: Template) -> None:
    behaviour = config["DefaultCacheBehavior"]
    assert behaviour["CachePolicyId"] == "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
    assert behaviour["OriginRequestPolicyId"] == "b689b0a8-53d0-40ab-baf2-68738e2966ac"
    assert behaviour["TargetOriginId"] == config["Origins"][0]["Id"]
    assert behaviour["ViewerProtocolPolicy"] == "https-only"
    assert behaviour["Compress"] is True
    assert set(behaviour["AllowedMethods"]) == {
        "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT",
    }  # fmt: skip
    assert "CacheBehaviors" not in config  # one behaviour, the same in every environment


def test_no_error_is_kept(config: Template) -> None:
    assert {error["ErrorCode"] for error in config["CustomErrorResponses"]} >= {
        404, 500, 502, 503, 504,
    }  # fmt: skip
    for error in config["CustomErrorResponses"]:
        assert error.keys() == {"ErrorCode", "ErrorCachingMinTTL"}  # the answer is the API's own
        assert error["ErrorCachingMinTTL"] == 0


def test_the_distribution_is_modern_and_sized_by_the_setting(
    cdn: Template, config: Template
) -> None:
    assert config["Enabled"] is True
    assert config["HttpVersion"] == "http2and3"
    assert config["IPV6Enabled"] is True
    assert config["PriceClass"] == {"Ref": "PriceClass"}
    assert cdn["Metadata"]["tapgen"]["Settings"]["PriceClass"] == "cdn.price_class"
    assert config["WebACLId"] == {"Fn::GetAtt": ["WebAcl", "Arn"]}


def test_alias_and_certificate_come_with_a_domain_only(cdn: Template, config: Template) -> None:
    assert config["Aliases"] == {
        "Fn::If": ["ServesDomain", [{"Ref": "DomainName"}], {"Ref": "AWS::NoValue"}]
    }
    assert config["ViewerCertificate"] == {
        "Fn::If": [
            "ServesDomain",
            {
                "AcmCertificateArn": {"Ref": "CertificateArn"},
                "MinimumProtocolVersion": "TLSv1.2_2021",
                "SslSupportMethod": "sni-only",
            },
            {"CloudFrontDefaultCertificate": True},
        ]
    }
    assert cdn["Conditions"]["ServesDomain"] == {
        "Fn::And": [{"Condition": "HasDomainName"}, {"Condition": "HasCertificateArn"}]
    }
    assert cdn["Parameters"]["CertificateArn"]["Default"] == ""


def test_every_answer_carries_security_headers(cdn: Template, config: Template) -> None:
    assert config["DefaultCacheBehavior"]["ResponseHeadersPolicyId"] == {"Ref": "SecurityHeaders"}
    policy = cdn["Resources"]["SecurityHeaders"]["Properties"]["ResponseHeadersPolicyConfig"]
    assert policy["SecurityHeadersConfig"] == {
        "ContentSecurityPolicy": {
            "ContentSecurityPolicy": "default-src 'none'; frame-ancestors 'none'",
            "Override": True,
        },
        "ContentTypeOptions": {"Override": True},
        "FrameOptions": {"FrameOption": "DENY", "Override": True},
        "ReferrerPolicy": {"ReferrerPolicy": "no-referrer", "Override": True},
        "StrictTransportSecurity": {
            "AccessControlMaxAgeSec": 63072000,
            "IncludeSubdomains": True,
            "Preload": True,
            "Override": True,
        },
        "XSSProtection": {"Protection": False, "Override": True},
    }
    assert policy["CustomHeadersConfig"] == {
        "Items": [{"Header": "Cache-Control", "Value": "no-store", "Override": True}]
    }


# --- firewall -------------------------------------------------------------------------------


def test_bad_addresses_and_floods_stop_at_the_edge(cdn: Template) -> None:
    acl = cdn["Resources"]["WebAcl"]["Properties"]
    assert acl["Scope"] == "CLOUDFRONT"
    assert acl["Name"] == acl["VisibilityConfig"]["MetricName"] == {"Fn::Sub": "${Prefix}-cdn"}
    assert [rule["Name"] for rule in acl["Rules"]] == [
        "AWSManagedRulesAmazonIpReputationList",
        "rate-limit",
        "AWSManagedRulesCommonRuleSet",
        "AWSManagedRulesKnownBadInputsRuleSet",
    ]
    assert acl["Rules"][1]["Statement"]["RateBasedStatement"] == {
        "Limit": {"Ref": "WafRateLimit"},
        "EvaluationWindowSec": 300,
        "AggregateKeyType": "IP",
    }
    answer = acl["Rules"][1]["Action"]["Block"]["CustomResponse"]
    assert answer["ResponseCode"] == 429
    body = acl["CustomResponseBodies"][answer["CustomResponseBodyKey"]]
    assert json.loads(body["Content"])["status"] == 429
    assert cdn["Metadata"]["tapgen"]["Settings"]["WafRateLimit"] == "api.waf_rate_limit"
    assert cdn["Resources"]["WebAclLogging"]["Properties"]["ResourceArn"] == {
        "Fn::GetAtt": ["WebAcl", "Arn"]
    }


def test_the_firewalls_log_is_not_that_of_the_apis(cdn: Template) -> None:
    group = cdn["Resources"]["WebAclLog"]["Properties"]
    # The API's group, aws-waf-logs-<prefix>, may be in the same region.
    assert group["LogGroupName"] == {"Fn::Sub": "aws-waf-logs-${Prefix}-cdn"}


# --- logs -----------------------------------------------------------------------------------


def test_access_logs_are_delivered_into_the_environments_bucket(cdn: Template) -> None:
    resources = cdn["Resources"]
    source = resources["LogSource"]["Properties"]
    assert source["LogType"] == "ACCESS_LOGS"
    assert source["ResourceArn"] == {
        "Fn::Sub": "arn:${AWS::Partition}:cloudfront::${AWS::AccountId}:"
        "distribution/${Distribution}"
    }
    destination = resources["LogDestination"]["Properties"]
    assert destination["OutputFormat"] == "json"
    assert destination["DestinationResourceArn"] == {
        "Fn::Sub": "arn:${AWS::Partition}:s3:::${ApiLogsBucketName}"
    }
    delivery = resources["LogDelivery"]["Properties"]
    assert delivery["DeliverySourceName"] == {"Ref": "LogSource"}
    assert delivery["DeliveryDestinationArn"] == {"Fn::GetAtt": ["LogDestination", "Arn"]}
    assert delivery["S3SuffixPath"] == "{DistributionId}/{yyyy}/{MM}/{dd}"
    assert {"c-ip", "cs-method", "cs-uri-stem", "sc-status", "time-taken"} <= set(
        delivery["RecordFields"]
    )
    assert not {"cs-uri-query", "cs(Cookie)", "cs(Referer)"} & set(delivery["RecordFields"])


# --- alarms ---------------------------------------------------------------------------------


def test_alarms_watch_what_cloudfront_reports_here_only(cdn: Template) -> None:
    errors = cdn["Resources"]["ErrorRateAlarm"]["Properties"]
    assert (errors["Namespace"], errors["MetricName"], errors["Statistic"]) == (
        "AWS/CloudFront",
        "5xxErrorRate",
        "Average",
    )
    assert errors["Dimensions"] == [
        {"Name": "DistributionId", "Value": {"Ref": "Distribution"}},
        {"Name": "Region", "Value": "Global"},
    ]
    assert errors["Threshold"] == {"Ref": "ErrorPercent"}
    blocks = cdn["Resources"]["BlockedRequestsAlarm"]["Properties"]
    assert (blocks["Namespace"], blocks["MetricName"]) == ("AWS/WAFV2", "BlockedRequests")
    assert blocks["Dimensions"] == [
        {"Name": "WebACL", "Value": {"Fn::Sub": "${Prefix}-cdn"}},
        {"Name": "Rule", "Value": "ALL"},
    ]
    settings = cdn["Metadata"]["tapgen"]["Settings"]
    assert settings["ErrorPercent"] == "alarms.cdn_5xx_percent"
    assert settings["WafBlocks"] == "alarms.waf_blocks"


def test_the_topic_is_encrypted_with_a_key_of_this_region(cdn: Template) -> None:
    topic = cdn["Resources"]["AlarmTopic"]["Properties"]
    assert topic["KmsMasterKeyId"] == {"Fn::GetAtt": ["Key", "Arn"]}
    key = cdn["Resources"]["Key"]
    assert key["Properties"]["EnableKeyRotation"] is True
    assert key["DeletionPolicy"] == "RetainExceptOnCreate"
    services = {
        json.dumps(statement["Principal"]["Service"])
        for statement in key["Properties"]["KeyPolicy"]["Statement"]
        if "Service" in statement["Principal"]
    }
    assert services == {
        '["cloudwatch.amazonaws.com"]',
        '[{"Fn::Sub": "logs.${AWS::Region}.amazonaws.com"}]',
    }
    assert cdn["Resources"]["KeyAlias"]["Properties"]["AliasName"] == {
        "Fn::Sub": "alias/${Prefix}-cdn"
    }


# --- as environments see it -----------------------------------------------------------------

CERTIFICATE = "arn:aws:acm:us-east-1:111111111111:certificate/11111111-2222-3333-4444-555555555555"


def test_with_a_domain_the_site_has_its_name_and_certificate(see: Callable[..., Any]) -> None:
    seen = see("cdn", "dev", CertificateArn=CERTIFICATE)
    config = seen.resources["Distribution"]["Properties"]["DistributionConfig"]
    assert config["Aliases"] == ["dev.api.example.com"]
    assert config["ViewerCertificate"]["AcmCertificateArn"] == CERTIFICATE
    assert seen.outputs["SiteUrl"]["Value"] == "https://dev.api.example.com"


def test_without_a_domain_cloudfronts_own_name_serves(see: Callable[..., Any]) -> None:
    seen = see("cdn", "dev", DomainName="", CertificateArn="")
    config = seen.resources["Distribution"]["Properties"]["DistributionConfig"]
    assert "Aliases" not in config
    assert config["ViewerCertificate"] == {"CloudFrontDefaultCertificate": True}
    assert "dev.api.example.com" not in str(seen.outputs["SiteUrl"]["Value"])


def test_1_logs_go_to_the_bucket_of_the_environments_region(see: Callable[..., Any]) -> None:
    destination = see("cdn", "dev", CertificateArn="").resources["LogDestination"]["Properties"]
    assert destination["DestinationResourceArn"].endswith("-api-logs-111111111111-eu-west-1")
