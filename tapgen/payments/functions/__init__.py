"""The Lambda functions of the payments API: `payment_processor` and `session_manager`.

This folder is packaged on its own, as `functions/`, and runs in AWS without the rest of tapgen. Its
modules therefore import each other relatively and nothing else of tapgen. What they need beyond the
standard library comes from the Powertools layer (Powertools, pydantic, aws-xray-sdk) and the Lambda
runtime (boto3).

A request goes from `payment_processor.handler` or `session_manager.handler` to `routing`, which
looks up the endpoint, turns every error into a problem document (`problems`) and every result into
a proxy response (`answers`). Endpoints read the body through `bodies`, and store data through
`transactions` and `ledger`, or `sessions`.

The router is ours, not Powertools' event handler: API Gateway has already matched the resource, so
only a dictionary look-up is left, and a cold start saves the 0.1 s that importing the event handler
takes on a developer's machine. The same applies to `parser`, a thin layer over pydantic.
"""
