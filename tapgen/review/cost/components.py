"""Components that AWS charges for and whose quantities follow from resources.

The names and units are those of `prices.csv`; a test compares them.
"""

from __future__ import annotations

from typing import Final

from tapgen.review.cost.prices import Component

_MILLION: Final = 1_000_000

NAT_HOUR: Final = Component("NAT gateway hour", "NAT gateway-hour")
ENDPOINT_HOUR: Final = Component("VPC interface endpoint hour", "endpoint-AZ-hour")
ADDRESS_HOUR: Final = Component("Public IPv4 address in use (idle the same)", "address-hour")

READ_CAPACITY: Final = Component("DynamoDB provisioned read capacity (Standard)", "RCU-hour")
WRITE_CAPACITY: Final = Component("DynamoDB provisioned write capacity (Standard)", "WCU-hour")
REPLICATED_WRITE_CAPACITY: Final = Component(
    "DynamoDB provisioned replicated write capacity (global table)", "rWCU-hour"
)
READS: Final = Component(
    "DynamoDB on-demand read request units (Standard)", "million RRU", _MILLION
)
WRITES: Final = Component(
    "DynamoDB on-demand write request units (Standard)", "million WRU", _MILLION
)

KEY: Final = Component(
    "KMS customer managed key (per key version; rotation bills at most 2 extra)", "key-month"
)
SECRET: Final = Component(
    "Secrets Manager secret (a replica secret is billed as a secret in its region)", "secret-month"
)

WEB_ACL: Final = Component("WAF web ACL", "web ACL-month")
WEB_ACL_RULE: Final = Component("WAF rule", "rule-month")
MANAGED_RULES: Final = Component(
    "WAF AWS managed rule group (no own charge: one rule slot)", "rule group-month"
)
BOT_CONTROL: Final = Component("WAF Bot Control managed group subscription", "web ACL-month")
WEB_REQUESTS: Final = Component("WAF requests (up to 1500 WCU)", "million requests", _MILLION)

ALARM_METRIC: Final = Component("CloudWatch standard-resolution alarm", "alarm metric-month")
COMPOSITE_ALARM: Final = Component("CloudWatch composite alarm", "alarm-month")
DASHBOARD: Final = Component(
    "CloudWatch dashboard (list price without the 3 free)", "dashboard-month"
)
LOG_INGESTION: Final = Component("CloudWatch Logs ingestion (Standard class)", "GB", 10**9)

FUNCTION_REQUESTS: Final = Component("Lambda requests", "million requests", _MILLION)
FUNCTION_SECONDS: Final = {
    "arm64": Component("Lambda duration arm64 (first tier)", "GB-second"),
    "x86_64": Component("Lambda duration x86_64 (first tier)", "GB-second"),
}

API_CALLS: Final = Component(
    "API Gateway REST API calls (first 333 million)", "million calls", _MILLION
)
# CloudFront charges by the location of callers.
EDGE: Final = "edge United States/Mexico/Canada"
CDN_REQUESTS: Final = Component("CloudFront HTTPS requests", "10000 requests", 10_000, EDGE)
CDN_OUT: Final = Component("CloudFront data out to internet (first 10 TB)", "GB", 10**9, EDGE)
FIREHOSE: Final = Component(
    "Firehose Direct PUT ingestion (first 500 TB; 5 KB record steps)", "GB", 10**9
)
ZONE: Final = Component("Route 53 hosted zone (first 25)", "zone-month")
CERTIFICATE: Final = Component("ACM public certificate (not exportable)", "certificate")
