"""The Lambda functions of the payments API: `payment_processor` and `session_manager`.

This folder is packaged on its own, as `functions/`, and runs in AWS without the rest of tapgen. So
its modules import each other relatively and nothing else of tapgen, and what they need beyond the
standard library comes from the Powertools layer (Powertools, pydantic, aws-xray-sdk) and the Lambda
runtime (boto3).

How a request travels: `payment_processor.handler` or `session_manager.handler` hands the API
Gateway event to `routing`, which looks up the endpoint, turns every fault into a problem document
(`problems`) and every result into a proxy response (`answers`). Endpoints read the body through
`bodies`, and keep data through `transactions` and `ledger`, or `sessions`.

The router is ours, not Powertools' event handler: API Gateway has matched the resource already, so
a dictionary look-up is left, and a cold start saves the 0.1 s that importing the event handler
takes on a developer's machine. The same holds for `parser`, which is a thin cover over pydantic.
"""
