"""Every rule there is. A new rule is one module and one entry here; a retired id is not reused."""

from __future__ import annotations

from typing import Final

from tapgen.model.templates.template import Template
from tapgen.review.lint.rules import (
    acceptance,
    account_literal,
    any_action,
    any_principal,
    any_protocol,
    blanket_suppression,
    body_headroom,
    body_size,
    bucket_name,
    certificate_validation,
    encryption_key,
    environment_condition,
    environment_literal,
    firewall,
    input_source,
    log_group,
    null_value,
    open_ingress,
    parameter_declaration,
    parameter_value,
    protected_data,
    public_access,
    real_target,
    retained_data,
    retention_setting,
    secret_default,
    stack_name,
    stack_quota,
    tags,
    tls_only,
    tls_version,
    zone_delegation,
)
from tapgen.review.lint.rules.rule import Placement, Rule

# Asked once for each template. The numbers of resources, parameters and outputs are not among them:
# cfn-lint knows those quotas (E3010, E2010, E6010, and I3010, I2010, I6010 close to them).
TEMPLATE_RULES: Final[tuple[Rule[Template], ...]] = (
    body_size.RULE,
    body_headroom.RULE,
    parameter_declaration.RULE,
    secret_default.RULE,
    stack_name.RULE,
    account_literal.RULE,
    environment_condition.RULE,
    retained_data.RULE,
    tags.RULE,
    log_group.RULE,
    retention_setting.RULE,
    any_principal.RULE,
    any_action.RULE,
    any_protocol.RULE,
    blanket_suppression.RULE,
    null_value.RULE,
    acceptance.RULE,
    bucket_name.RULE,
    open_ingress.RULE,
    zone_delegation.RULE,
    certificate_validation.RULE,
    real_target.RULE,
    encryption_key.RULE,
    tls_only.RULE,
    tls_version.RULE,
    public_access.RULE,
    firewall.RULE,
)

# Asked for each stack, so for each layer in each environment.
STACK_RULES: Final[tuple[Rule[Placement], ...]] = (
    parameter_value.RULE,
    stack_quota.RULE,
    input_source.RULE,
    environment_literal.RULE,
    protected_data.RULE,
)
