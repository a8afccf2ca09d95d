"""All rules. A new one is a function and a line here; the id of a removed rule is not reused."""

from __future__ import annotations

from functools import partial
from typing import Any

from tapgen.errors import TapgenError
from tapgen.model.parts.declared import shown
from tapgen.model.parts.places import spelled
from tapgen.model.platform import Platform
from tapgen.model.stack import ENGINE_TAGS
from tapgen.review.lint.rules import (
    access,
    data,
    encryption,
    names,
    parameters,
    sameness,
    snapshots,
    templates,
    web,
    writers,
)
from tapgen.review.lint.rules.rule import Rule, Rules
from tapgen.settings.fields import fields


def _refuse_faulty(engine: Rules, own: Rules) -> None:
    """Raise `TapgenError` with all faults of a platform's rules, ids and names used twice too."""
    known: list[Rule[Any]] = [*engine.templates, *engine.stacks]
    faults: list[str] = []
    for kind in ("templates", "stacks"):
        for rule in getattr(own, kind):
            if not isinstance(rule, Rule):
                faults.append(f"`{kind}` has {shown(rule)}, which is not a Rule")
                continue
            where = f"{spelled(rule.place)}: {rule}"
            faults += [f"{where}: {one}" for one in rule.faults()]
            faults += [
                f"{where} has the {part} of another rule"
                for part in ("id", "name")
                if any(getattr(other, part) == getattr(rule, part) for other in known)
            ]
            known.append(rule)
    if faults:
        raise TapgenError(
            "\n".join(f"rules of the platform: {one}" for one in faults),
            "Write each as Rule(id, name, check, severity), with an id and a name that no rule of "
            "tapgen has: docs/security.md lists those.",
        )


def rules_for(platform: Platform) -> Rules:
    """The rules for what a platform renders: the engine's and the platform's own.

    No rule counts resources, parameters and outputs: cfn-lint checks those quotas (E3010, E2010,
    E6010, and I3010, I2010, I6010 close to them).
    """
    own: Rules = platform.part("rules", Rules) or Rules()
    _refuse_faulty(_rules(platform, Rules()), own)
    return _rules(platform, own)


def _rules(platform: Platform, own: Rules) -> Rules:
    wanted_tags = sorted({*ENGINE_TAGS, *platform.tags})
    identity = ("prefix", *platform.identity)
    return Rules(
        templates=(
            Rule("T001", "body-size", templates.body_size),
            Rule("T002", "body-headroom", templates.body_headroom, "warning"),
            Rule("T003", "parameter-declaration", parameters.parameter_declaration),
            Rule("T004", "secret-default", parameters.secret_default),
            Rule("T005", "stack-name", sameness.stack_name),
            Rule("T006", "account-literal", sameness.account_literal),
            Rule("T007", "environment-condition", sameness.environment_condition),
            Rule("T008", "retained-data", data.retained_data),
            Rule("T009", "tags", partial(data.tags, wanted=wanted_tags)),
            Rule("T010", "log-group", data.log_group),
            Rule("T012", "any-principal", access.any_principal),
            Rule("T013", "any-action", access.any_action),
            Rule("T014", "any-protocol", access.any_protocol),
            Rule("T015", "blanket-suppression", templates.blanket_suppression),
            Rule("T016", "null-value", templates.null_value),
            Rule("T017", "acceptance", templates.acceptance),
            Rule("T018", "bucket-name", data.bucket_name),
            Rule("T020", "zone-delegation", names.zone_delegation),
            Rule("T021", "certificate-validation", names.certificate_validation),
            Rule("T022", "real-target", names.real_target),
            Rule("T023", "encryption-key", encryption.encryption_key),
            Rule("T024", "tls-only", encryption.tls_only),
            Rule("T025", "tls-version", encryption.tls_version),
            Rule("T026", "public-access", access.public_access),
            Rule("T041", "secret-in-address", web.secret_in_address),
            Rule("T042", "made-up-address", web.made_up_address),
            Rule("T043", "kept-error", web.kept_error),
            Rule("T045", "frozen-value", snapshots.frozen_value),
            Rule("T046", "lost-track", data.lost_track, "warning"),
            Rule(
                "T047",
                "narrow-parameter",
                partial(parameters.narrow_parameter, fields=fields(platform)),
                "warning",
            ),
            Rule("T048", "unbounded-role", access.unbounded_role, "warning"),
            Rule("T049", "unseen-import", names.unseen_import, "warning"),
            Rule("T050", "shared-export", names.shared_export),
            *own.templates,
        ),
        stacks=(
            Rule("T030", "parameter-value", parameters.parameter_value),
            Rule("T031", "stack-quota", templates.stack_quota),
            Rule("T032", "input-source", parameters.input_source),
            Rule(
                "T033",
                "environment-literal",
                partial(sameness.environment_literal, identity=identity),
            ),
            Rule("T034", "protected-data", data.protected_data),
            Rule("T035", "name-length", names.name_length),
            Rule("T036", "protected-last", data.protected_last),
            Rule("T037", "encrypted-writer", writers.encrypted_writer),
            *own.stacks,
        ),
    )
