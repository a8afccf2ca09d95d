"""MiniStack's private names: what tapgen relies on must be there, shaped as expected."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from ministack import app
from ministack.core import iam_actions, iam_evaluator, lambda_runtime, router
from ministack.services import (
    acm,
    apigateway_v1,
    cloudformation,
    cloudfront,
    cloudwatch,
    cloudwatch_logs,
    cognito,
    dynamodb,
    ec2,
    iam,
    kms,
    lambda_svc,
    route53,
    secretsmanager,
    sqs,
    ssm,
    sts,
)
from ministack.services.cloudformation import (
    changesets,
    drift,
    engine,
    handlers,
    provisioners,
    stacks,
)

from tapgen.local import internals


def test_the_installed_version_is_the_one_the_private_names_were_checked_in() -> None:
    assert version("ministack") == internals.VERSION


@pytest.mark.parametrize(
    ("function", "parameters"),
    [
        (app.pin_request_origin, "source_ip secure_transport"),
        (iam_evaluator.pin_request_origin, "source_ip secure_transport"),
        (
            iam_actions.extract_iam_action,
            "service method path headers body query_params",
        ),
        (
            iam_actions.extract_resource_arn,
            "service method path headers body query_params region account_id",
        ),
        (iam_actions._match_rest_action, "service method path query_params"),
        (kms._resolve_key, "key_id_or_arn"),
        (iam_evaluator._resolve_condition_key, "key ctx"),
        (iam_evaluator._first_match, "ctx stmts effect"),
        (iam_evaluator._conditions_met, "conditions ctx"),
        (sts._web_identity_trust_denied, "role_arn params use_json"),
        (sts._web_identity_principal, "token provider_id role_arn"),
        (cognito._decode_id_token_unverified, "id_token"),
        (iam._roles.get_scoped, "account_id region key default"),
        (iam._oidc_providers.get_scoped, "account_id region key default"),
        (iam._IAM_HANDLERS["GetOpenIDConnectProvider"], "p"),
        (dynamodb._update_table, "data"),
        (dynamodb._delete_table, "data"),
        (dynamodb._table_description, "name"),
        (dynamodb._normalize_table_name, "value"),
        (provisioners._ddb_update_call, "data"),
        (lambda_svc._create_function, "data"),
        (lambda_svc._delete_function, "name query_params path_qualifier"),
        (lambda_svc._update_config, "name data"),
        (provisioners._lambda_delete, "physical_id props"),
        (provisioners._ec2_sg_delete, "physical_id props"),
        (provisioners._ec2_subnet_delete, "physical_id props"),
        (ec2._create_network_interface, "p"),
        (ec2._eni_fields_xml, "eni tag"),
        (ec2._parse_filters, "params"),
        (lambda_svc._effective_func_record_for_qualifier, "func qualifier"),
        (lambda_svc._execute_function_dispatch, "func config event request_id started"),
        (lambda_svc._create_alias, "func_name data"),
        (lambda_svc._update_alias, "func_name alias_name data"),
        (lambda_svc._function_qualifier_not_found, "func_name qualifier"),
        (lambda_svc._invoke, "name event headers path_qualifier query_params"),
        (lambda_svc._emit_lambda_metrics, "function_name duration_ms error throttle"),
        (cloudwatch._evaluate_alarm, "alarm"),
        (cloudwatch._evaluate_all_alarms, ""),
        (cloudwatch._describe_alarms, "params cbor_data is_cbor is_json"),
        (cloudwatch._set_alarm_state, "params cbor_data is_cbor is_json"),
        (cloudwatch._put_metric_alarm, "params cbor_data is_cbor is_json"),
        (cloudwatch._metric_bucket, "key"),
        (cloudwatch._dims_key, "dims"),
        (cloudwatch._dims_from_list, "dimensions"),
        (cloudwatch._calc_stats, "points"),
        (cloudwatch._stat_value, "stats stat_name points"),
        (cloudwatch._dispatch_alarm_actions, "alarm old_state new_state reason"),
        (
            cloudwatch._record_history,
            "alarm_name old_state new_state reason alarm_type reason_data",
        ),
        (iam._make_aws_managed_record, "name document description"),
        (iam._seed_aws_managed_policies, ""),
        (engine._extract_deps, "resource_def all_resource_names"),
        (
            engine._resolve_refs,
            "value resources params conditions mappings stack_name stack_id",
        ),
        (
            provisioners._lambda_alias_update,
            "physical_id old_props new_props stack_name logical_id",
        ),
        (provisioners._lambda_version_delete, "physical_id props"),
        (stacks._runs_on_worker_thread, "resource_type"),
        (stacks._provision_resource, "resource_type logical_id props stack_name"),
        (
            stacks._update_resource,
            "resource_type physical_id old_props new_props stack_name logical_id old_attrs",
        ),
        (stacks._delete_resource, "resource_type physical_id props stack_name logical_id"),
        (stacks._roll_back_operation, "stack_name stack_id stack operation reason_override"),
        (stacks._delete_stack_async, "stack_name stack_id retain_resources force"),
        (
            stacks._deploy_stack_async,
            (
                "stack_name stack_id template param_values disable_rollback tags is_update "
                "previous_stack retain_except_on_create imports"
            ),
        ),
        (
            stacks._add_event,
            (
                "stack_id stack_name logical_id resource_type status reason physical_id "
                "detailed_status"
            ),
        ),
        (provisioners._rds_db_cluster_attrs, "cluster"),
        (provisioners._rds_db_instance_attrs, "instance"),
        (provisioners._replacing_change, "resource_type old_props new_props"),
        (stacks.now_iso, ""),
        (changesets._create_change_set, "params"),
        (stacks._property_recreation, "resource_type name"),
        (changesets._find_change_set, "cs_name stack_name"),
        (handlers._resolve_stack, None),
        (handlers._p, "params key default"),
        (handlers._error, "code message status"),
        (handlers._xml, "status root_tag inner"),
        (engine._resolve_parameters, "template provided_params previous_params"),
        (engine.validate_template_support, "template conditions params"),
        (engine._evaluate_conditions, "template params"),
        (engine._intrinsic_references, "value"),
        (handlers._capabilities_enforced, ""),
        (ec2._vpce_fields_xml, "ep tag"),
        (ec2._ACTION_MAP["DescribeNatGateways"], "params"),
        (cloudwatch_logs._delete_log_group, "data"),
        (cloudwatch_logs._describe_log_groups, "data"),
        (cloudfront._origin_connect_target, "origin viewer_is_https"),
        (cloudfront._find, "el tag"),
        (cloudfront._text, "el tag default"),
        (cloudfront._match_behavior, "parsed path"),
        (cloudfront.cache_policy_params, "policy_id"),
        (cloudfront.parse_distribution_dataplane_config, "dist"),
        (
            cloudfront.handle_viewer_request,
            ("dist method path raw_uri raw_query_string headers body query_params client_ip"),
        ),
        (cloudfront.fromstring, None),
        (lambda_runtime.reset, ""),
        (changesets._import_resources_async, "cs stack new_stack"),
        (provisioners._tag_map, None),
        (handlers._ACTION_HANDLERS["DescribeStackResources"], "params"),
        (stacks._reference_details, "res_def replacements changed_params"),
        (
            changesets._diff_resources,
            "old_template new_template resources template changed_params retag",
        ),
        (changesets._resolve_props_for_diff, "template params stack_name stack_id"),
        (acm._cert_shape, "cert"),
        (cognito._delete_user_pool, "data"),
        (sqs._HANDLERS["CreateQueue"], "data _u"),
        (sqs._HANDLERS["DeleteQueue"], "data qurl"),
        (sqs._Err, "code message status"),
        (ssm._put_parameter, "data"),
        (ssm._delete_parameter, "data"),
        (ssm._delete_parameters, "data"),
        (secretsmanager._resolve, "secret_id use_arn_scope"),
        (secretsmanager._delete_replicas, "secret"),
        (secretsmanager.resolve_secret_string, "secret_id version_stage version_id"),
    ],
)
def test_a_private_function_takes_what_we_give_it(function: Any, parameters: str | None) -> None:
    if parameters is not None:
        assert " ".join(inspect.signature(function).parameters) == parameters


@pytest.mark.parametrize("module", [changesets, handlers, stacks])
def test_modules_hold_the_functions_that_are_replaced_in_them(module: Any) -> None:
    assert module._evaluate_conditions is engine._evaluate_conditions
    if module is handlers:
        assert module._delete_stack_async is stacks._delete_stack_async
    if module is not stacks:
        assert module._deploy_stack_async is stacks._deploy_stack_async
        assert module._resolve_parameters is engine._resolve_parameters
        assert module.validate_template_support is engine.validate_template_support


def test_private_tables_have_the_shape_that_is_added_to() -> None:
    for kind in ("AWS::DynamoDB::Table", "AWS::SQS::Queue", "AWS::SSM::Parameter"):
        assert set(internals.HANDLERS[kind]) >= {"create", "update", "delete"}
    keys, problem = internals.IMPORT_LOOKUPS["AWS::DynamoDB::Table"]
    assert (keys, callable(problem)) == (("TableName",), True)
    assert internals.TAG_PROPERTIES["AWS::EC2::VPC"] == ("Tags", "list")
    assert "TableName" in provisioners._REPLACING_PROPERTIES["AWS::DynamoDB::Table"]
    assert app.SERVICE_REGISTRY["wafv2"] == {"module": "waf"}
    assert set(app.SERVICE_HANDLERS) >= {"wafv2", "logs"}
    assert isinstance(app._loaded_modules, dict)
    assert "target_prefixes" in router.SERVICE_PATTERNS["dynamodb"]
    assert app.detect_service is router.detect_service
    stores = (apigateway_v1._rest_apis, cloudfront._distributions, cognito._pool_domain_map)
    for store in stores:
        assert store._data == {}
    for name in ("_nat_gateways", "_addresses"):
        assert hasattr(ec2, name)
    assert hasattr(cloudwatch_logs, "_log_groups")
    assert hasattr(cloudformation, "_stacks")
    assert '"_cancel_requested"' in inspect.getsource(handlers._cancel_update_stack)
    assert hasattr(cognito, "_user_pools")
    assert "lock" not in ssm._parameters
    assert handlers._ACTION_HANDLERS["CreateChangeSet"] is changesets._create_change_set
    read, supported = drift._DRIFT_READERS["AWS::SecretsManager::Secret"]
    assert (callable(read), "Name" in supported) == (True, True)
    assert "Z1" not in route53._zones
    assert all(server.endswith(".") for server in route53._DEFAULT_NS)


def private_names(path: Path) -> Iterator[tuple[str, str]]:
    """The private names of MiniStack's modules that a module of ours uses."""
    tree = ast.parse(path.read_text())
    modules = {
        alias.asname or alias.name: f"{node.module}.{alias.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("ministack")
        for alias in node.names
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr.startswith("_"):
            match node.value:
                case ast.Name(id=name) if name in modules:
                    yield modules[name], node.attr


def test_every_private_name_is_there_and_used_in_the_one_place_for_them() -> None:
    local = Path(internals.__file__).parents[1]
    used = {path: set(private_names(path)) for path in local.rglob("*.py")}
    places = {path.relative_to(local).parts[0] for path, names in used.items() if names}
    assert places == {"internals"}
    names = set().union(*used.values())
    assert len(names) > 30
    for module, name in names:
        assert hasattr(import_module(module), name), f"{module}.{name} is gone"
