"""Profiles: what a configuration may say, and that the key at fault is named."""

from datetime import timedelta

import pytest
from cryptography import x509

from ca.errors import BadProfileError
from ca.profiles.profiles import (
    DEFAULT_CERTIFICATE_POLICY,
    RULES,
    ProfileConfig,
    ProfileKind,
    Suite,
    validate_profile,
    validate_profiles,
)
from core.settings import ProfilesSettings
from keys.model import KeyAlgorithm

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
LONG = [kind for kind in ProfileKind if not RULES[kind].short_lived]


@pytest.mark.parametrize("kind", LONG)
@pytest.mark.parametrize("days", [0, -1, 10**6])
def test_a_validity_beyond_its_limit_is_refused(kind: ProfileKind, days: int) -> None:
    with pytest.raises(BadProfileError) as raised:
        validate_profile(kind, ProfileConfig(validity_days=days))
    assert raised.value.details == {"key": "validity_days", "profile": kind}
    assert RULES[kind].clauses["validity"] in raised.value.text.en


@pytest.mark.parametrize("kind", LONG)
def test_the_longest_is_allowed_and_a_day_more_is_not(kind: ProfileKind) -> None:
    most = RULES[kind].longest // DAY
    assert validate_profile(kind, ProfileConfig(validity_days=most)).validity == most * DAY
    with pytest.raises(BadProfileError):
        validate_profile(kind, ProfileConfig(validity_days=most + 1))


def test_a_short_lived_certificate_lasts_a_day_at_most() -> None:
    kind = ProfileKind.OFFICER_SHORT
    assert validate_profile(kind, ProfileConfig(validity_hours=24)).validity == 24 * HOUR
    with pytest.raises(BadProfileError, match="EN 319 412-1"):
        validate_profile(kind, ProfileConfig(validity_hours=25))


@pytest.mark.parametrize(
    ("kind", "config", "key"),
    [
        (ProfileKind.OFFICER_SHORT, ProfileConfig(validity_days=1), "validity_days"),
        (ProfileKind.SEAL, ProfileConfig(validity_hours=1), "validity_hours"),
        (ProfileKind.SEAL, ProfileConfig(policies=()), "policies"),
        (ProfileKind.SEAL, ProfileConfig(policies=("x",)), "policies"),
        (ProfileKind.SEAL, ProfileConfig(policies=("1.2.3", "")), "policies"),
        (ProfileKind.ROOT, ProfileConfig(algorithms=("ecdsa-p256",)), "algorithms"),
        (ProfileKind.SEAL, ProfileConfig(algorithms=("ml-dsa-65",)), "algorithms"),
        (ProfileKind.SEAL, ProfileConfig(algorithms=()), "algorithms"),
        (ProfileKind.SEAL, ProfileConfig(algorithms=("rsa-3072", "rsa-3072")), "algorithms"),
        (ProfileKind.SEAL, ProfileConfig(algorithms=("rsa-1024",)), "algorithms"),
    ],
)
def test_the_key_at_fault_is_named(kind: ProfileKind, config: ProfileConfig, key: str) -> None:
    with pytest.raises(BadProfileError, match=f"{key} of the profile “{kind}”") as raised:
        validate_profile(kind, config)
    assert raised.value.details["key"] == key


def test_what_is_left_out_takes_the_default() -> None:
    assert validate_profiles({}) == {kind: validate_profile(kind) for kind in ProfileKind}
    limited = validate_profile(ProfileKind.SEAL, ProfileConfig(365, policies=("1.2.3",)))
    assert limited.validity == 365 * DAY
    assert limited.policies == (x509.ObjectIdentifier("1.2.3"),)
    assert limited.algorithms == RULES[ProfileKind.SEAL].algorithms[Suite.ECDSA]


def test_the_first_algorithm_is_for_new_keys() -> None:
    chosen = ProfileConfig(algorithms=("rsa-3072", "ecdsa-p256"))
    assert validate_profile(ProfileKind.SEAL, chosen).algorithm is KeyAlgorithm.RSA_3072


def test_the_operator_s_policy_replaces_the_one_for_documentation() -> None:
    own = validate_profiles(
        {ProfileKind.TSA: ProfileConfig(policies=("1.2.4",))}, certificate_policy="1.2.3"
    )
    told = {kind: [oid.dotted_string for oid in own[kind].policies] for kind in ProfileKind}
    assert told[ProfileKind.SEAL] == told[ProfileKind.OFFICER_SHORT] == ["1.2.3"]
    assert told[ProfileKind.TSA] == ["1.2.4"]
    assert told[ProfileKind.ISSUING] == ["2.5.29.32.0"]
    assert told[ProfileKind.ROOT] == told[ProfileKind.OCSP_RESPONDER] == []
    assert DEFAULT_CERTIFICATE_POLICY not in str(told)


def test_every_rule_that_binds_has_its_clause() -> None:
    for kind, rules in RULES.items():
        needed = {"key_usage", "algorithms", "validity", "addresses"}
        needed |= {"policies"} if rules.policy_needed or rules.fixed_policies else set()
        needed |= {"extended_key_usage"} if rules.extended_key_usage else set()
        needed |= {"no_check"} if rules.no_check else set()
        needed |= {"no_revocation"} if rules.short_lived else set()
        needed |= {"path_length"} if rules.path_length is not None else set()
        assert needed <= set(rules.clauses), kind
        assert rules.default <= rules.longest


def test_the_configuration_has_a_table_for_every_kind() -> None:
    assert set(ProfilesSettings().model_dump(by_alias=True)) == set(ProfileKind)
