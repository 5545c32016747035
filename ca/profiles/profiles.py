"""Certificate profiles: as written in the configuration, and as validated for use.

Only a `Profile` reaches the CA, and only `validate_profile` makes one. What no configuration can
change about a kind stands in `ca.profiles.rules`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from cryptography import x509

from ca.errors import BadProfileError
from ca.profiles import messages
from ca.profiles.rules import (
    ANY_POLICY,
    DEFAULT_CERTIFICATE_POLICY,
    DEFAULT_TIMESTAMP_POLICY,
    RULES,
    ProfileKind,
    Rules,
    Suite,
)
from core.text import Text
from keys.model import KeyAlgorithm

__all__ = [
    "ANY_POLICY",
    "DEFAULT_CERTIFICATE_POLICY",
    "DEFAULT_TIMESTAMP_POLICY",
    "RULES",
    "Profile",
    "ProfileConfig",
    "ProfileKind",
    "Profiles",
    "Rules",
    "Suite",
    "default_profiles",
    "validate_profile",
    "validate_profiles",
]

_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class ProfileConfig:
    """A profile as written by an operator; None takes the default of the kind."""

    validity_days: int | None = None
    validity_hours: int | None = None
    """Of short-lived kinds, which have no `validity_days`."""
    policies: tuple[str, ...] | None = None
    """Certificate policies, dotted decimal."""
    algorithms: tuple[str, ...] | None = None
    """Key algorithms that are certified; the first is the one that new keys get."""


@dataclass(frozen=True, slots=True)
class Profile:
    """A profile that was validated: what the CA issues by."""

    kind: ProfileKind
    rules: Rules
    validity: timedelta
    policies: tuple[x509.ObjectIdentifier, ...]
    algorithms: tuple[KeyAlgorithm, ...]

    @property
    def algorithm(self) -> KeyAlgorithm:
        """Algorithm of new keys of this kind."""
        return self.algorithms[0]


Profiles = Mapping[ProfileKind, Profile]
"""One for every kind."""


def validate_profiles(
    configs: Mapping[ProfileKind, ProfileConfig],
    *,
    certificate_policy: str | None = None,
    suite: Suite = Suite.ECDSA,
) -> Profiles:
    """Return the profile of every kind. Raises `BadProfileError` naming the key."""
    return {
        kind: validate_profile(
            kind, configs.get(kind), certificate_policy=certificate_policy, suite=suite
        )
        for kind in ProfileKind
    }


def default_profiles() -> Profiles:
    """Return the profile of every kind as it is without configuration."""
    return validate_profiles({})


def validate_profile(
    kind: ProfileKind,
    config: ProfileConfig | None = None,
    *,
    certificate_policy: str | None = None,
    suite: Suite = Suite.ECDSA,
) -> Profile:
    """Return the profile that `config` means. Raises `BadProfileError` naming the key.

    `certificate_policy` is the operator's own, instead of the one for documentation.
    """
    config = config or ProfileConfig()
    return Profile(
        kind,
        RULES[kind],
        _validity(kind, config),
        _policies(kind, config, certificate_policy or DEFAULT_CERTIFICATE_POLICY),
        _algorithms(kind, config, suite),
    )


def _validity(kind: ProfileKind, config: ProfileConfig) -> timedelta:
    rules = RULES[kind]
    unit, key, other = _DAY, "validity_days", "validity_hours"
    if rules.short_lived:
        unit, key, other = _HOUR, other, key
    if getattr(config, other) is not None:
        raise _refused(kind, other, messages.setting_not_applicable(key))
    wanted: int | None = getattr(config, key)
    most = rules.longest // unit
    if wanted is None:
        return rules.default
    if not 1 <= wanted <= most:
        clause = rules.clauses["validity"]
        raise _refused(
            kind,
            key,
            messages.setting_out_of_range(maximum=most, configured=wanted, clause=clause),
        )
    return wanted * unit


def _policies(
    kind: ProfileKind, config: ProfileConfig, own: str
) -> tuple[x509.ObjectIdentifier, ...]:
    rules = RULES[kind]
    defaults = (own,) if rules.policy_needed else rules.fixed_policies
    policies = defaults if config.policies is None else config.policies
    if defaults and not policies:
        raise _refused(
            kind,
            "policies",
            messages.CERTIFICATE_POLICY_NEEDED,
        )
    return tuple(_oid(kind, text) for text in policies)


def _oid(kind: ProfileKind, text: str) -> x509.ObjectIdentifier:
    try:
        return x509.ObjectIdentifier(text)
    except ValueError as error:
        raise _refused(kind, "policies", messages.oid_malformed(text)) from error


def _algorithms(kind: ProfileKind, config: ProfileConfig, suite: Suite) -> tuple[KeyAlgorithm, ...]:
    allowed = RULES[kind].algorithms[suite]
    wanted = allowed if config.algorithms is None else config.algorithms
    if not wanted or len(set(wanted)) != len(wanted) or not set(wanted) <= set(allowed):
        listed = ", ".join(allowed)
        raise _refused(kind, "algorithms", messages.setting_choices_limited(listed))
    return tuple(KeyAlgorithm(name) for name in wanted)


def _refused(kind: ProfileKind, key: str, text: Text) -> BadProfileError:
    return BadProfileError(
        messages.profile_setting_invalid(profile=kind, setting=key, fault=text),
        key=key,
        profile=kind,
    )
