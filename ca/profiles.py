"""Certificate profiles: as written in the configuration, and as validated for use.

Only a `Profile` reaches the CA, and only `validate_profile` makes one.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from ca.errors import BadProfileError
from keys.model import KeyAlgorithm

DEFAULT_CERTIFICATE_POLICY = "1.3.6.1.4.1.32473.36903.1.1"
DEFAULT_TIMESTAMP_POLICY = "1.3.6.1.4.1.32473.36903.2.1"
"""In the arc for documentation (RFC 5612): who runs a hierarchy puts its own registered OIDs here.
Not under 2.25 (UUIDs) or 2.999, whose large arcs pkilint and other parsers refuse."""
ANY_POLICY = "2.5.29.32.0"
"""RFC 5280 4.2.1.4: a CA certificate that does not limit its policies."""


class ProfileKind(StrEnum):
    """What a certificate is for; the value stands in the ledger."""

    ROOT = "root"
    ISSUING = "issuing"
    SEAL = "seal"
    OCSP_RESPONDER = "ocsp"
    TSA = "tsa"


@dataclass(frozen=True, slots=True)
class ProfileConfig:
    """A profile as written by an operator; None takes the default of the kind."""

    validity_days: int | None = None
    policies: tuple[str, ...] | None = None
    """Certificate policies, dotted decimal."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What no configuration can change about a kind."""

    key_usage: frozenset[str]
    """Names of `x509.KeyUsage`'s arguments; critical (RFC 5280 4.2.1.3)."""
    algorithms: frozenset[KeyAlgorithm]
    default_days: int
    max_days: int
    ca: bool = False
    path_length: int | None = None
    extended_key_usage: x509.ObjectIdentifier | None = None
    extended_key_usage_critical: bool = False
    no_check: bool = False
    """id-pkix-ocsp-nocheck (RFC 6960 4.2.2.2.1)."""
    crl_address: bool = True
    ocsp_address: bool = True
    default_policies: tuple[str, ...] = ()


_YEAR = 365
_CA_KEYS = frozenset({KeyAlgorithm.ECDSA_P384})
"""192-bit security (NIST SP 800-57 part 1, 5.6.1): a margin for keys that live 10 to 20 years."""
_END_KEYS = frozenset({KeyAlgorithm.ECDSA_P256, KeyAlgorithm.ECDSA_P384, KeyAlgorithm.RSA_3072})
"""128-bit security (ETSI TS 119 312 8.3; NIST SP 800-57 part 1, 5.6.1)."""
_CA_USAGE = frozenset({"key_cert_sign", "crl_sign"})

RULES: dict[ProfileKind, Rules] = {
    ProfileKind.ROOT: Rules(
        key_usage=_CA_USAGE,
        algorithms=_CA_KEYS,
        default_days=20 * _YEAR + 5,
        max_days=25 * _YEAR,  # ours: no algorithm can be relied on for longer
        ca=True,
        crl_address=False,  # a trust anchor is not revoked by its own CRL (RFC 5280 6.1)
        ocsp_address=False,
    ),
    ProfileKind.ISSUING: Rules(
        key_usage=_CA_USAGE,
        algorithms=_CA_KEYS,
        default_days=10 * _YEAR + 2,
        max_days=15 * _YEAR,
        ca=True,
        path_length=0,  # issues to end entities only (RFC 5280 4.2.1.9)
        ocsp_address=False,  # the root is offline and signs CRLs, no answers
        default_policies=(ANY_POLICY,),
    ),
    ProfileKind.SEAL: Rules(
        key_usage=frozenset({"content_commitment"}),  # EN 319 412-2 4.3.2, type A, preferred
        algorithms=_END_KEYS,
        default_days=3 * _YEAR,
        max_days=5 * _YEAR,  # ours: a body changes its name or seal within it
        default_policies=(DEFAULT_CERTIFICATE_POLICY,),
    ),
    ProfileKind.OCSP_RESPONDER: Rules(
        key_usage=frozenset({"digital_signature"}),
        algorithms=_END_KEYS,
        default_days=_YEAR,
        max_days=_YEAR,  # not revocable (nocheck), so short (RFC 6960 4.2.2.2.1)
        extended_key_usage=ExtendedKeyUsageOID.OCSP_SIGNING,  # RFC 6960 4.2.2.2
        no_check=True,
        ocsp_address=False,  # its own answer would prove nothing
    ),
    ProfileKind.TSA: Rules(
        key_usage=frozenset({"digital_signature"}),
        algorithms=_END_KEYS,
        default_days=8 * _YEAR,
        max_days=10 * _YEAR,
        extended_key_usage=ExtendedKeyUsageOID.TIME_STAMPING,
        extended_key_usage_critical=True,  # RFC 3161 2.3: critical, and alone
        default_policies=(DEFAULT_CERTIFICATE_POLICY,),
    ),
}


@dataclass(frozen=True, slots=True)
class Profile:
    """A profile that was validated: what the CA issues by."""

    kind: ProfileKind
    rules: Rules
    validity: timedelta
    policies: tuple[x509.ObjectIdentifier, ...]


def validate_profile(kind: ProfileKind, config: ProfileConfig | None = None) -> Profile:
    """Return the profile that `config` means. Raises `BadProfileError` naming the key."""
    config = config or ProfileConfig()
    rules = RULES[kind]
    days = rules.default_days if config.validity_days is None else config.validity_days
    if not 1 <= days <= rules.max_days:
        raise BadProfileError(
            f"证书模板“{kind}”的 validity_days 须在 1 到 {rules.max_days} 之间，现为 {days}。",
            f"validity_days of the profile “{kind}” must be 1 to {rules.max_days}; it is {days}.",
            key="validity_days",
        )
    policies = rules.default_policies if config.policies is None else config.policies
    if rules.default_policies and not policies:
        raise BadProfileError(
            f"证书模板“{kind}”须有至少一个证书策略（EN 319 412-2 4.3.3）。",
            f"The profile “{kind}” needs at least one policy (EN 319 412-2 4.3.3).",
            key="policies",
        )
    return Profile(kind, rules, timedelta(days=days), tuple(_oid(kind, p) for p in policies))


def _oid(kind: ProfileKind, text: str) -> x509.ObjectIdentifier:
    try:
        return x509.ObjectIdentifier(text)
    except ValueError as error:
        raise BadProfileError(
            f"证书模板“{kind}”的策略“{text}”不是 OID。",
            f"The policy “{text}” of the profile “{kind}” is not an OID.",
            key="policies",
        ) from error
