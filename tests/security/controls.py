"""The control map of docs/security.md as values; test_document.py checks each word that can be.

Requirement numbers are those of PCI DSS v4.0.1 (June 2024). What they ask is put in our words.
"""

from __future__ import annotations

from dataclasses import dataclass

# Number -> what it asks for, as far as it concerns the platform.
REQUIREMENTS = {
    "1.2.5": "every allowed protocol and port is known and needed",
    "1.3.1": "only necessary inbound traffic is allowed",
    "1.3.2": "only necessary outbound traffic is allowed",
    "1.4.1": "controls between trusted and untrusted networks",
    "1.4.2": "only public services can be reached from outside",
    "1.4.4": "what stores account data cannot be reached from outside",
    "2.2.1": "all configuration follows a standard",
    "2.2.4": "only necessary functions are enabled",
    "3.2.1": "data is kept no longer than needed",
    "3.6.1": "keys are protected against disclosure and misuse",
    "3.7.4": "keys are changed at the end of their period",
    "4.2.1": "strong cryptography and trusted certificates on open networks",
    "6.2.4": "software withstands common attacks",
    "6.3.2": "third-party components are known",
    "6.3.3": "known vulnerabilities are patched",
    "6.4.2": "a web application firewall in front",
    "6.5.1": "production is changed by an established procedure",
    "6.5.3": "production is separate from pre-production environments",
    "7.2.5": "system accounts have the least privileges they need",
    "7.3.2": "access control is enforced for applications too",
    "7.3.3": "access is denied unless it is allowed",
    "8.3.6": "passwords have at least twelve characters of several kinds",
    "8.3.7": "none of the last four passwords is reused",
    "8.4.2": "a second factor",
    "8.6.2": "no hard-coded secrets of system accounts",
    "8.6.3": "secrets of system accounts are changed periodically",
    "10.2.1": "audit logs are on everywhere",
    "10.2.2": "log records show who, what, when, where and the outcome",
    "10.3.1": "audit logs can be read only by those who need to",
    "10.3.2": "audit logs cannot be changed",
    "10.5.1": "audit logs are kept for twelve months, three of them immediately available",
}


@dataclass(frozen=True)
class Place:
    """Where a control is: a property of a resource, or of all resources of a type, of a layer."""

    layer: str
    resource: str
    property_: str

    @property
    def is_type(self) -> bool:
        return self.resource.startswith("AWS::")


@dataclass(frozen=True)
class Control:
    """What holds, which requirements it serves, where it is set, and which checks show it.

    `files` are parts of tapgen or of the functions; `checks` are ids of tapgen's rules and tests as
    `file::name` below tests/.
    """

    title: str
    requirements: tuple[str, ...]
    places: tuple[Place, ...] = ()
    files: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()


def at(layer: str, resource: str, property_: str) -> Place:
    return Place(layer, resource, property_)


CONTROLS = {
    "Network": (
        Control(
            "Only functions reach the VPC endpoints, and only over HTTPS.",
            ("1.2.5", "1.3.1", "1.4.2"),
            (at("network", "EndpointSecurityGroup", "SecurityGroupIngress"),),
            checks=(
                "T014",
                "T019",
                (
                    "payments/layers/test_network.py::"
                    "test_endpoint_security_group_admits_443_from_the_lambda_group_only"
                ),
            ),
        ),
        Control(
            "Nothing on the network can reach a function; functions send HTTPS only.",
            ("1.2.5", "1.3.1", "1.3.2"),
            (at("network", "LambdaSecurityGroup", "SecurityGroupEgress"),),
            checks=(
                "T014",
                "T019",
                "payments/layers/test_network.py::test_lambda_security_group_lets_https_out_and_nothing_in",
            ),
        ),
        Control(
            "Functions that serve requests run in private subnets; no subnet assigns public "
            "addresses.",
            ("1.4.1", "1.4.2"),
            (
                at("network", "AWS::EC2::Subnet", "MapPublicIpOnLaunch"),
                at("compute", "PaymentProcessorFunction", "VpcConfig.SubnetIds"),
                at("compute", "SessionManagerFunction", "VpcConfig.SubnetIds"),
            ),
            checks=(
                "T026",
                "payments/layers/test_compute.py::test_private_subnets_tracing_and_key",
            ),
        ),
        Control(
            "Without NAT (dev) there is no route to the internet; AWS is reached through "
            "endpoints, whose policies name the actions and the account.",
            ("1.3.2",),
            (
                at("network", "PublicDefaultRoute", "GatewayId"),
                at("network", "AWS::EC2::VPCEndpoint", "PolicyDocument"),
            ),
            checks=(
                "T013",
                "payments/layers/test_network.py::test_no_nat_in_dev",
                "payments/layers/test_network.py::test_public_subnets_reach_the_internet_gateway",
                "payments/layers/test_network.py::test_endpoint_policies_name_actions_and_the_account",
            ),
        ),
        Control(
            "Nothing that stores data is public.",
            ("1.4.4",),
            (at("storage", "AWS::S3::Bucket", "PublicAccessBlockConfiguration"),),
            checks=(
                "T012",
                "T026",
                "payments/layers/test_storage.py::test_every_bucket_is_closed_versioned_and_kept",
            ),
        ),
        Control(
            "The API accepts only requests that come through CloudFront.",
            ("1.4.2",),
            (
                at("api", "WebAcl", "Rules"),
                at("api", "AWS::SecretsManager::Secret", "GenerateSecretString"),
                at("cdn", "Distribution", "DistributionConfig.Origins.OriginCustomHeaders"),
            ),
            checks=(
                (
                    "payments/layers/test_api.py::"
                    "test_what_lacks_the_origin_secret_is_blocked_whatever_it_asks_for"
                ),
                "payments/layers/test_cdn.py::test_the_secret_is_nowhere_but_in_the_origins_header",
            ),
        ),
    ),
    "Configuration": (
        Control(
            "The stacks of every environment are scanned and have no finding that is not accepted.",
            ("2.2.1",),
            files=("tapgen/review/lint/scanners/scanning.py", "Makefile"),
            checks=(
                "T017",
                "T040",
                "review/lint/scanners/test_scanning.py::test_the_shipped_environments_are_clean",
            ),
        ),
        Control(
            "All environments use the same templates and differ only in settings that may vary.",
            ("2.2.1",),
            files=("tapgen/review/parity/comparison.py",),
            checks=(
                "T007",
                "T033",
                "review/parity/test_comparison.py::test_the_shipped_environments_differ_only_in_what_may_vary",
            ),
        ),
        Control(
            "The API has the operations it needs and no more.",
            ("2.2.4",),
            (at("api", "AWS::ApiGateway::Method", "HttpMethod"),),
            checks=("payments/layers/test_api.py::test_there_are_exactly_these_operations",),
        ),
    ),
    "Stored data": (
        Control(
            "Card numbers are refused in any field, and are never stored, returned or logged.",
            ("3.2.1",),
            files=("tapgen/payments/functions/card_numbers.py",),
            checks=(
                "payments/functions/test_bodies.py::test_a_card_number_is_refused_in_any_field",
                "payments/functions/test_fuzz.py::test_no_card_number_is_stored_answered_or_logged",
                (
                    "payments/functions/test_logs.py::"
                    "test_no_card_number_token_body_or_session_id_is_ever_logged"
                ),
            ),
        ),
        Control(
            "No secret is part of a URL, which traces and logs would keep.",
            (),
            (at("api", "DeleteSessions", "RequestParameters"),),
            checks=("T041",),
        ),
        Control(
            "Data expires only as the environment's settings say.",
            ("3.2.1",),
            (
                at("storage", "ApiLogsBucket", "LifecycleConfiguration"),
                at("storage", "AccessLogsBucket", "LifecycleConfiguration"),
                at("data", "SessionsTable", "TimeToLiveSpecification"),
                at("data", "IdempotencyTable", "TimeToLiveSpecification"),
            ),
            checks=(
                "T011",
                "payments/layers/test_storage.py::test_logs_expire_after_the_retention_setting",
                "payments/layers/test_data.py::test_tables_that_expire",
            ),
        ),
        Control(
            "Stored data is encrypted with the environment's own key. (3.5.1 requires this for "
            "card numbers, which are not stored.)",
            (),
            (
                at("data", "AWS::DynamoDB::Table", "SSESpecification.KMSMasterKeyId"),
                at("storage", "ApiLogsBucket", "BucketEncryption"),
                at("storage", "ArtifactsBucket", "BucketEncryption"),
                at("compute", "AWS::SQS::Queue", "KmsMasterKeyId"),
                at("compute", "AWS::Lambda::Function", "KmsKeyArn"),
                at("api", "AWS::SecretsManager::Secret", "KmsKeyId"),
            ),
            checks=("T010", "T023"),
        ),
        Control(
            "Keys rotate every year.",
            ("3.7.4",),
            tuple(at(layer, "Key", "RotationPeriodInDays") for layer in ("data", "network", "cdn")),
            checks=("payments/layers/test_data.py::test_the_key_rotates_and_has_an_alias",),
        ),
        Control(
            "The administrators of a key cannot use it; it is used through AWS services of the "
            "account.",
            ("3.6.1",),
            tuple(at(layer, "Key", "KeyPolicy") for layer in ("data", "network", "cdn")),
            checks=(
                "payments/layers/test_data.py::test_administration_does_not_include_use",
                "payments/layers/test_data.py::test_roles_use_the_key_through_services_of_this_region",
                "payments/layers/test_data.py::test_only_services_get_grants",
            ),
        ),
        Control(
            "Data is kept when its stack is deleted; protected data is neither replaced nor "
            "deleted, and can be restored.",
            (),
            (
                at("data", "AWS::DynamoDB::Table", "DeletionProtectionEnabled"),
                at("data", "AWS::DynamoDB::Table", "PointInTimeRecoverySpecification"),
            ),
            ("tapgen/deploy/guards/data_loss.py",),
            (
                "T008",
                "T034",
                "T036",
                "render/test_placement.py::test_protected_data_is_never_replaced_nor_removed",
                "deploy/guards/test_data_loss.py::test_replacing_a_table_is_refused_and_cleaned_up",
                "payments/test_restore.py::test_the_stack_finds_the_restored_table_and_tells_what_it_lacks",
            ),
        ),
    ),
    "Transmission": (
        Control(
            "Clients, CloudFront and the API communicate over TLS 1.2 or newer.",
            ("4.2.1",),
            (
                at(
                    "cdn",
                    "Distribution",
                    "DistributionConfig.ViewerCertificate.MinimumProtocolVersion",
                ),
                at("cdn", "Distribution", "DistributionConfig.Origins.OriginSSLProtocols"),
                at("api", "RestApi", "SecurityPolicy"),
            ),
            checks=(
                "T025",
                "payments/layers/test_api.py::test_the_api_is_regional_and_takes_no_old_tls",
            ),
        ),
        Control(
            "Certificates are issued by ACM, and validated and renewed through the environment's "
            "own zone.",
            ("4.2.1",),
            (at("certificate", "Certificate", "DomainValidationOptions"),),
            checks=(
                "T021",
                (
                    "payments/layers/test_certificate.py::"
                    "test_acm_validates_the_domain_by_a_record_it_writes_into_the_zone"
                ),
            ),
        ),
        Control(
            "Buckets, topics and queues refuse plain HTTP.",
            (),
            (
                at("storage", "AWS::S3::BucketPolicy", "PolicyDocument"),
                at("compute", "AWS::SQS::QueuePolicy", "PolicyDocument"),
                at("observability", "AlarmTopicPolicy", "PolicyDocument"),
                at("cdn", "AlarmTopicPolicy", "PolicyDocument"),
            ),
            checks=("T024", "payments/layers/test_storage.py::test_tls_only"),
        ),
    ),
    "Software and changes": (
        Control(
            "CloudFront and the API are protected by web application firewalls, with managed "
            "rules and a rate limit.",
            ("6.4.2",),
            (
                at("api", "WebAclAssociation", "WebACLArn"),
                at("cdn", "Distribution", "DistributionConfig.WebACLId"),
            ),
            checks=(
                "T027",
                "T042",
                "T044",
                "payments/layers/test_api.py::test_the_firewall_guards_the_stage",
                "payments/layers/test_cdn.py::test_bad_addresses_and_floods_stop_at_the_edge",
            ),
        ),
        Control(
            "Every invalid request is answered with a problem document, never with a failure.",
            ("6.2.4",),
            (at("api", "BodyAndParametersValidator", "ValidateRequestBody"),),
            ("tapgen/payments/functions/bodies.py",),
            (
                "payments/functions/test_fuzz.py::test_any_event_of_api_gateway",
                "payments/functions/test_fuzz.py::test_what_is_stored_is_stored_whole",
            ),
        ),
        Control(
            "Dependencies are locked with their hashes, and audited.",
            ("6.3.2", "6.3.3"),
            files=("requirements.lock", ".github/workflows/audit.yml"),
            checks=(
                "test_dependencies.py::test_every_locked_version_has_hashes",
                "test_dependencies.py::test_a_lock_is_installed_as_it_is_and_checked",
                "test_dependencies.py::test_every_lock_that_ci_installs_is_audited",
            ),
        ),
        Control(
            "Only what was reviewed is deployed: a plan that was edited or is out of date is "
            "refused.",
            ("6.5.1",),
            files=("tapgen/deploy/plan/plan_file.py", "tapgen/deploy/plan/plan_files.py"),
            checks=(
                "deploy/plan/test_plan_file.py::test_an_edit_anywhere_is_noticed",
                "deploy/plan/test_plan_file.py::test_a_stale_plan_is_refused_with_what_changed",
            ),
        ),
        Control(
            "If an environment requires approvals, a plan is executed only after that many people "
            "have signed it, not counting the people who made it and deploy it.",
            ("6.5.1",),
            files=("tapgen/deploy/guards/approvals.py", "tapgen/render/bootstrap/approvals.py"),
            checks=(
                (
                    "privileges/test_bootstrap.py::"
                    "test_a_plan_is_carried_out_when_two_others_have_signed_it"
                ),
                (
                    "privileges/test_three_stages.py::"
                    "test_from_three_empty_accounts_to_production_and_back"
                ),
            ),
        ),
        Control(
            "In staging and prod, callers move to a new version of a function in steps; a failed "
            "check or an alarm returns all of them to the old version.",
            ("6.5.1",),
            (
                at("compute", "AWS::CodeDeploy::DeploymentGroup", "DeploymentConfigName"),
                at("compute", "AWS::CodeDeploy::DeploymentGroup", "AlarmConfiguration.Alarms"),
                at("compute", "AWS::CodeDeploy::DeploymentGroup", "AutoRollbackConfiguration"),
            ),
            ("tapgen/payments/layers/parts/functions/rollout.py",),
            (
                (
                    "payments/test_rollouts.py::"
                    "test_a_version_that_answers_wrongly_meets_no_caller_and_its_fix_does"
                ),
                "payments/layers/test_compute.py::test_an_alarm_of_a_minute_gives_callers_back",
                (
                    "cli/commands/change/test_rollouts.py::"
                    "test_a_bad_version_goes_back_by_itself_and_its_fix_gets_out_by_a_plan"
                ),
                "privileges/test_deployer.py::test_a_deployer_moves_callers_in_steps_and_goes_back",
            ),
        ),
        Control(
            "Each environment has its own account; credentials of another account are refused.",
            ("6.5.3",),
            files=("tapgen/aws/account.py",),
            checks=("aws/test_account.py::test_credentials_of_another_account_are_refused",),
        ),
    ),
    "Access": (
        Control(
            "Every operation except the health check requires an access token with its scope; an "
            "open API is refused in protected environments.",
            ("7.3.2", "7.3.3"),
            (
                at("api", "PostTransactions", "AuthorizationType"),
                at("api", "PostTransactions", "AuthorizationScopes"),
                at("api", "Authorizer", "ProviderARNs"),
                at("identity", "AWS::Cognito::UserPoolResourceServer", "Scopes"),
            ),
            checks=(
                "payments/layers/test_api.py::test_an_operation_needs_a_token_with_its_scope",
                "payments/test_checks.py::test_an_open_api_is_for_environments_without_protection",
                "payments/live/test_authorization.py::test_what_an_api_does_not_look_at_is_found",
            ),
        ),
        Control(
            "Callers are services with their own credentials and tokens that are valid for 15 "
            "minutes; there is no sign-up.",
            (),
            (
                at("identity", "AWS::Cognito::UserPoolClient", "AllowedOAuthFlows"),
                at("identity", "AWS::Cognito::UserPoolClient", "AccessTokenValidity"),
                at("identity", "UserPool", "AdminCreateUserConfig.AllowAdminCreateUserOnly"),
            ),
            checks=(
                "payments/layers/test_identity.py::test_an_app_client_takes_client_credentials_and_nothing_else",
                "payments/layers/test_identity.py::test_tokens_last_a_quarter_of_an_hour",
                "payments/layers/test_identity.py::test_nobody_signs_up_or_recovers_an_account_alone",
            ),
        ),
        Control(
            "People in the user pool, if there ever are any, need long passwords and a second "
            "factor.",
            ("8.3.6", "8.3.7", "8.4.2"),
            (
                at("identity", "UserPool", "Policies.PasswordPolicy"),
                at("identity", "UserPool", "MfaConfiguration"),
            ),
            checks=(
                "payments/layers/test_identity.py::test_people_would_need_a_long_password_and_a_second_factor",
            ),
        ),
        Control(
            "Each function has its own role with only the actions that it calls: without any one "
            "of them a call fails.",
            ("7.2.5",),
            (at("compute", "AWS::IAM::Role", "Policies"),),
            checks=(
                "T013",
                "privileges/test_function_roles.py::test_without_the_action_its_call_fails",
                (
                    "privileges/test_function_roles.py::"
                    "test_every_resource_and_every_condition_value_is_used"
                ),
            ),
        ),
        Control(
            "Reviewing, deploying and approving are separate roles, assumed without long-lived "
            "keys; none can do the task of another.",
            ("7.2.5", "7.3.3"),
            files=("tapgen/render/bootstrap/roles.py", "tapgen/render/bootstrap/trust.py"),
            checks=(
                "privileges/test_bootstrap.py::test_no_other_job_takes_the_deploying_role",
                "privileges/test_bootstrap.py::test_an_approver_signs_and_cannot_deploy",
                "privileges/test_bootstrap.py::test_nobody_signs_who_does_not_approve",
                "privileges/test_bootstrap.py::test_who_deploys_changes_nothing_of_the_baseline",
            ),
        ),
        Control(
            "Policies name the principals they allow; a method may invoke one version of one "
            "function.",
            ("7.2.5", "7.3.3"),
            (at("api", "AWS::Lambda::Permission", "SourceArn"),),
            checks=(
                "T012",
                "T026",
                "payments/layers/test_api.py::test_a_permission_covers_one_method_of_one_stage_and_one_alias",
            ),
        ),
        Control(
            "The origin secret is rotated by a number in the settings, without refused requests: "
            "two secrets are accepted at a time.",
            ("8.6.3",),
            (at("api", "WebAcl", "Rules.Statement.NotStatement"),),
            checks=(
                "payments/layers/test_api.py::test_a_rotation_replaces_the_secret_that_nobody_sends_any_more",
            ),
        ),
        Control(
            "Secrets are generated in AWS, and are in no template, parameter, output, plan or log.",
            ("8.6.2",),
            (at("api", "AWS::SecretsManager::Secret", "GenerateSecretString"),),
            ("tapgen/model/changes/secrets.py",),
            (
                "T004",
                "payments/layers/test_api.py::test_only_the_name_of_the_secret_leaves_the_template",
                "deploy/plan/test_plan_file.py::test_no_secret_is_written",
                "model/changes/test_secrets.py::test_what_a_secret_goes_into_is_masked",
            ),
        ),
    ),
    "Logs": (
        Control(
            "Requests at CloudFront and the API, blocked requests, function runs, network traffic "
            "and accesses to buckets are logged.",
            ("10.2.1",),
            (
                at("cdn", "LogSource", "LogType"),
                at("api", "Stage", "AccessLogSetting.DestinationArn"),
                at("api", "WebAclLogging", "LogDestinationConfigs"),
                at("cdn", "WebAclLogging", "LogDestinationConfigs"),
                at("compute", "AWS::Lambda::Function", "LoggingConfig"),
                at("network", "FlowLog", "TrafficType"),
                at("storage", "ApiLogsBucket", "LoggingConfiguration"),
                at("storage", "ArtifactsBucket", "LoggingConfiguration"),
            ),
            checks=(
                "payments/layers/test_cdn.py::test_access_logs_are_delivered_into_the_environments_bucket",
                "payments/layers/test_api.py::test_access_logs_reach_the_bucket_encrypted_and_compressed",
                "payments/layers/test_network.py::test_flow_logs_of_all_traffic_with_their_own_key",
                "payments/layers/test_storage.py::test_accesses_are_logged",
            ),
        ),
        Control(
            "A log record shows the request, the caller's address, the time and the outcome, and "
            "no secret.",
            ("10.2.2",),
            (at("api", "Stage", "AccessLogSetting.Format"),),
            ("tapgen/payments/functions/telemetry.py",),
            (
                "payments/layers/test_api.py::test_access_logs_are_lines_of_json_without_secrets",
                "payments/layers/test_api.py::test_the_firewall_logs_what_it_stopped_without_secrets",
                (
                    "payments/functions/test_logs.py::"
                    "test_a_log_line_names_the_request_its_outcome_and_the_function"
                ),
            ),
        ),
        Control(
            "Every run that changes something is recorded before it starts: who, when, what, why, "
            "who approved it and how it ended.",
            ("10.2.1", "10.2.2"),
            files=("tapgen/deploy/record/recording.py", "tapgen/model/release.py"),
            checks=(
                (
                    "cli/commands/look/test_history_command.py::"
                    "test_every_command_that_changes_something_is_told"
                ),
                "faults/test_killed_record.py::test_killed_at_any_moment",
            ),
        ),
        Control(
            "Records are locked for more than a year; no reviewing, deploying or approving role "
            "can delete or overwrite them.",
            ("10.3.2", "10.5.1"),
            files=("tapgen/render/bootstrap/ledger.py",),
            checks=(
                "privileges/test_bootstrap.py::test_nobody_takes_a_record_back",
                (
                    "render/bootstrap/test_ledger.py::"
                    "test_records_are_locked_as_long_as_the_project_says"
                ),
                "render/bootstrap/test_ledger.py::test_nobody_puts_a_later_version_over_a_record",
            ),
        ),
        Control(
            "The policies of log buckets allow log delivery and nobody else.",
            ("10.3.1",),
            (at("storage", "AWS::S3::BucketPolicy", "PolicyDocument"),),
            checks=(
                "T012",
                "payments/layers/test_storage.py::test_nobody_but_log_delivery_is_let_in_by_policy",
            ),
        ),
        Control(
            "Log groups cannot be deleted in protected environments; objects keep their versions.",
            ("10.3.2",),
            (
                at("network", "AWS::Logs::LogGroup", "DeletionProtectionEnabled"),
                at("compute", "AWS::Logs::LogGroup", "DeletionProtectionEnabled"),
                at("api", "AWS::Logs::LogGroup", "DeletionProtectionEnabled"),
                at("cdn", "AWS::Logs::LogGroup", "DeletionProtectionEnabled"),
                at("storage", "ApiLogsBucket", "VersioningConfiguration"),
            ),
            checks=(
                "T034",
                "payments/layers/test_api.py::test_logs_are_protected_and_kept_a_year_in_prod",
            ),
        ),
        Control(
            "Log groups keep their events for 400 days in production.",
            ("10.5.1",),
            tuple(
                at(layer, "AWS::Logs::LogGroup", "RetentionInDays")
                for layer in ("network", "compute", "api", "cdn")
            ),
            checks=(
                "T010",
                "T011",
                "payments/test_settings.py::test_the_environments_are_sized_as_the_platform_says",
                "payments/layers/test_api.py::test_logs_are_protected_and_kept_a_year_in_prod",
            ),
        ),
    ),
}
