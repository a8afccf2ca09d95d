"""AWS services, or parts of them, that MiniStack lacks: small, stateful, and readable.

Only calls that tapgen's own layers need are supported. All others return an error that says so.
"""

from __future__ import annotations

from tapgen.local import minutes
from tapgen.local.internals import drift, records, routing
from tapgen.local.internals.functions import aliases, interfaces, invocations, roles, workers
from tapgen.local.internals.services import (
    access_logs,
    alarms,
    api_snapshots,
    blocked_names,
    logs,
    network,
    parameters,
    user_pools,
)
from tapgen.local.services import (
    application_autoscaling,
    cloud_control,
    edge_errors,
    log_protection,
    secret_replicas,
    waf_logging,
)
from tapgen.local.services.codedeploy import service as codedeploy


def install() -> None:
    routing.register_service(
        "application-autoscaling", application_autoscaling.SERVICE, "AnyScaleFrontendService."
    )
    routing.register_service("codedeploy", codedeploy.SERVICE, "CodeDeploy_20141006.")
    routing.extend_service("cloudcontrol", cloud_control.SERVICE)
    routing.extend_service("wafv2", waf_logging.SERVICE)
    routing.extend_service("logs", log_protection.SERVICE)
    routing.extend_service("secretsmanager", secret_replicas.SERVICE)
    routing.keep_errors_at_the_edge(edge_errors.EdgeErrors().serve)
    api_snapshots.serve_deployments()
    routing.read_tokens_as_signatures()
    access_logs.write_access_logs()
    access_logs.take_roles_that_trust()
    drift.find_secrets_by_arn()
    drift.know_policies_and_firewalls()
    logs.append_to_bucket_policies()
    logs.protect_log_groups()
    parameters.count_parameters()
    user_pools.protect_user_pools()
    blocked_names.block_names(minutes.shortened)
    alarms.evaluate_alarms()
    interfaces.keep_interfaces()
    roles.check_roles_of_vpc_functions()
    invocations.follow_weights()
    aliases.refuse_weights()
    aliases.keep_versions()
    workers.keep_few()
    network.let_members_talk()
    network.describe_endpoints_fully()
    network.find_addresses()
    network.describe_nat_addresses()
    records.tell_key_algorithms()
    records.leave_health_to_apis()
