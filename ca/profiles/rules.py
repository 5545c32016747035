"""Rules on kinds of certificates that no configuration can change, each with its clause."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from keys.model import KeyAlgorithm

ID_KP_JWT = x509.ObjectIdentifier("1.3.6.1.5.5.7.3.37")
"""RFC 9509 3.1: signing JSON Web Tokens."""
DEFAULT_CERTIFICATE_POLICY = "1.3.6.1.4.1.32473.36903.1.1"
DEFAULT_TIMESTAMP_POLICY = "1.3.6.1.4.1.32473.36903.2.1"
"""In the arc for documentation (RFC 5612): who runs a hierarchy puts its own registered OIDs here.
Not under 2.25 (UUIDs) or 2.999, whose large arcs pkilint and other parsers refuse."""
ANY_POLICY = "2.5.29.32.0"
"""RFC 5280 4.2.1.4: a CA certificate that does not limit its policies."""


class ProfileKind(StrEnum):
    """Purpose of a certificate; the value stands in the ledger and the configuration."""

    ROOT = "root"
    ISSUING = "issuing"
    CROSS = "cross"
    """A root's name and key, certified by another root (RFC 4210 4.4)."""
    SEAL = "seal"
    OFFICER = "officer"
    OFFICER_SHORT = "officer-short"
    OCSP_RESPONDER = "ocsp"
    TSA = "tsa"
    RECEIPT = "receipt"


class Suite(StrEnum):
    """Family of algorithms for new keys."""

    ECDSA = "ecdsa"
    """With RSA-3072 for end entities whose devices know nothing else."""
    ML_DSA = "ml-dsa"
    """Post-quantum, on software keys (FIPS 204, RFC 9881)."""


@dataclass(frozen=True, slots=True)
class Rules:
    """Fixed rules of a kind."""

    key_usage: frozenset[str]
    """Names of `x509.KeyUsage`'s arguments; critical."""
    algorithms: Mapping[Suite, tuple[KeyAlgorithm, ...]]
    """The first is the default for new keys."""
    default: timedelta
    longest: timedelta
    clauses: Mapping[str, str]
    """Why each rule is as it is: the clause, or “ours” with the reason."""
    ca: bool = False
    path_length: int | None = None
    extended_key_usage: x509.ObjectIdentifier | None = None
    extended_key_usage_critical: bool = False
    no_check: bool = False
    """id-pkix-ocsp-nocheck."""
    short_lived: bool = False
    """noRevAvail and validity-assured-short-term: it ends before a revocation would take effect."""
    crl_address: bool = True
    ocsp_address: bool = True
    policy_needed: bool = False
    """It states the operator's certificate policy."""
    fixed_policies: tuple[str, ...] = field(default=())
    """Stated where no policy of the operator is needed."""


_YEAR = 365
_CA_KEYS = {
    Suite.ECDSA: (KeyAlgorithm.ECDSA_P384,),
    Suite.ML_DSA: (KeyAlgorithm.ML_DSA_87, KeyAlgorithm.ML_DSA_65),
}
_CA_KEYS_CLAUSE = (
    "NIST SP 800-57 part 1, 5.6.1: 192-bit security, a margin for keys of 10 to 20 years; "
    "ML-DSA category 3 or 5 (FIPS 204 4)"
)
_END_KEYS = {
    Suite.ECDSA: (KeyAlgorithm.ECDSA_P256, KeyAlgorithm.ECDSA_P384, KeyAlgorithm.RSA_3072),
    Suite.ML_DSA: (KeyAlgorithm.ML_DSA_65, KeyAlgorithm.ML_DSA_87),
}
_END_KEYS_CLAUSE = (
    "ETSI TS 119 312 8.3, NIST SP 800-57 part 1, 5.6.1: 128-bit security; "
    "ML-DSA category 3 or 5 (FIPS 204 4)"
)
_CA_USAGE = frozenset({"key_cert_sign", "crl_sign"})
_COMMITMENT = frozenset({"content_commitment"})
_SIGNATURE = frozenset({"digital_signature"})
_POLICY_CLAUSE = "EN 319 412-2 4.3.3: present, not critical"
_ADDRESSES_CLAUSE = "EN 319 412-2 4.3.11, 4.4.1"
_NO_EKU_CLAUSE = "none: with RFC 9336's documentSigning common validators refuse the seal (ADR 3)"
_COMMITMENT_CLAUSE = "EN 319 412-2 4.3.2: commitment, type A, preferred"


def _days(days: int) -> timedelta:
    return timedelta(days=days)


RULES: dict[ProfileKind, Rules] = {
    ProfileKind.ROOT: Rules(
        key_usage=_CA_USAGE,
        algorithms=_CA_KEYS,
        default=_days(20 * _YEAR + 5),
        longest=_days(25 * _YEAR),
        ca=True,
        crl_address=False,
        ocsp_address=False,
        clauses={
            "key_usage": "RFC 5280 4.2.1.3: critical; a CA's, and nothing else",
            "algorithms": _CA_KEYS_CLAUSE,
            "validity": "ours: no algorithm can be relied on for longer",
            "addresses": "RFC 5280 6.1: a trust anchor is not revoked by its own CRL",
        },
    ),
    ProfileKind.ISSUING: Rules(
        key_usage=_CA_USAGE,
        algorithms=_CA_KEYS | {Suite.ML_DSA: (KeyAlgorithm.ML_DSA_65, KeyAlgorithm.ML_DSA_87)},
        default=_days(10 * _YEAR + 2),
        longest=_days(15 * _YEAR),
        ca=True,
        path_length=0,
        ocsp_address=False,
        fixed_policies=(ANY_POLICY,),
        clauses={
            "key_usage": "RFC 5280 4.2.1.3: critical; a CA's, and nothing else",
            "algorithms": _CA_KEYS_CLAUSE,
            "validity": "ours: nested in the root's, with years left to roll over",
            "path_length": "RFC 5280 4.2.1.9: issues to end entities only",
            "policies": "RFC 5280 4.2.1.4",
            "addresses": "ours: the root is offline; it signs CRLs, no answers",
        },
    ),
    ProfileKind.CROSS: Rules(
        key_usage=_CA_USAGE,
        algorithms=dict.fromkeys(Suite, (*_CA_KEYS[Suite.ECDSA], *_CA_KEYS[Suite.ML_DSA])),
        default=_days(10 * _YEAR + 2),
        longest=_days(15 * _YEAR),
        ca=True,
        path_length=1,
        ocsp_address=False,
        fixed_policies=(ANY_POLICY,),
        clauses={
            "key_usage": "RFC 5280 4.2.1.3: critical; a CA's, and nothing else",
            "algorithms": f"either suite: one root may hand over to the other; {_CA_KEYS_CLAUSE}",
            "validity": "RFC 4210 4.4.1: until the older of the two ends at most",
            "path_length": "RFC 5280 4.2.1.9: below it an issuing CA, and no further",
            "policies": "RFC 5280 4.2.1.4",
            "addresses": "ours: the root is offline; it signs CRLs, no answers",
        },
    ),
    ProfileKind.SEAL: Rules(
        key_usage=_COMMITMENT,
        algorithms=_END_KEYS,
        default=_days(3 * _YEAR),
        longest=_days(5 * _YEAR),
        policy_needed=True,
        clauses={
            "key_usage": _COMMITMENT_CLAUSE,
            "algorithms": _END_KEYS_CLAUSE,
            "validity": "ours: a body changes its name or seal within it",
            "extended_key_usage": _NO_EKU_CLAUSE,
            "policies": _POLICY_CLAUSE,
            "addresses": _ADDRESSES_CLAUSE,
        },
    ),
    ProfileKind.OFFICER: Rules(
        key_usage=_COMMITMENT,
        algorithms=_END_KEYS,
        default=_days(2 * _YEAR),
        longest=_days(3 * _YEAR),
        policy_needed=True,
        clauses={
            "key_usage": _COMMITMENT_CLAUSE,
            "algorithms": _END_KEYS_CLAUSE,
            "validity": "ours: an officer changes post within it",
            "extended_key_usage": _NO_EKU_CLAUSE,
            "policies": _POLICY_CLAUSE,
            "addresses": _ADDRESSES_CLAUSE,
        },
    ),
    ProfileKind.OFFICER_SHORT: Rules(
        key_usage=_COMMITMENT,
        algorithms=_END_KEYS,
        default=timedelta(hours=12),
        longest=timedelta(hours=24),
        short_lived=True,
        crl_address=False,
        ocsp_address=False,
        policy_needed=True,
        clauses={
            "key_usage": _COMMITMENT_CLAUSE,
            "algorithms": _END_KEYS_CLAUSE,
            "validity": "EN 319 412-1 3.1 with EN 319 411-1 6.2.4: short-term is what ends before "
            "a revocation must have taken effect, 24 hours",
            "extended_key_usage": _NO_EKU_CLAUSE,
            "policies": _POLICY_CLAUSE,
            "no_revocation": "RFC 9608 2: noRevAvail, not critical; EN 319 412-1 5.2: "
            "validity-assured short-term",
            "addresses": "RFC 9608 3: neither CRL nor OCSP address beside noRevAvail",
        },
    ),
    ProfileKind.OCSP_RESPONDER: Rules(
        key_usage=_SIGNATURE,
        algorithms=_END_KEYS,
        default=_days(30),
        longest=_days(90),
        extended_key_usage=ExtendedKeyUsageOID.OCSP_SIGNING,
        no_check=True,
        ocsp_address=False,
        clauses={
            "key_usage": "RFC 5280 4.2.1.12: digitalSignature with OCSPSigning",
            "algorithms": _END_KEYS_CLAUSE,
            "validity": "RFC 6960 4.2.2.2.1: not revocable (nocheck), so short; it renews itself",
            "extended_key_usage": "RFC 6960 4.2.2.2",
            "no_check": "RFC 6960 4.2.2.2.1",
            "addresses": "ours: its own answer would prove nothing",
        },
    ),
    ProfileKind.TSA: Rules(
        key_usage=_SIGNATURE,
        algorithms=_END_KEYS,
        default=_days(8 * _YEAR),
        longest=_days(10 * _YEAR),
        extended_key_usage=ExtendedKeyUsageOID.TIME_STAMPING,
        extended_key_usage_critical=True,
        policy_needed=True,
        clauses={
            "key_usage": "RFC 5280 4.2.1.12: digitalSignature with timeStamping",
            "algorithms": _END_KEYS_CLAUSE,
            "validity": "ours: its tokens are verified for longer than the seals they date",
            "extended_key_usage": "RFC 3161 2.3: critical, and alone",
            "policies": _POLICY_CLAUSE,
            "addresses": _ADDRESSES_CLAUSE,
        },
    ),
    ProfileKind.RECEIPT: Rules(
        key_usage=_SIGNATURE,
        algorithms=_END_KEYS,
        default=_days(2 * _YEAR),
        longest=_days(3 * _YEAR),
        extended_key_usage=ID_KP_JWT,
        extended_key_usage_critical=True,
        policy_needed=True,
        clauses={
            "key_usage": "EN 319 412-2 4.3.2, type C: a machine's statement, no commitment",
            "algorithms": _END_KEYS_CLAUSE,
            "validity": "ours: receipts are for now; who keeps one has it timestamped",
            "extended_key_usage": "RFC 9509 3: a JWS and nothing else; critical, so that its key "
            "can never seal",
            "policies": _POLICY_CLAUSE,
            "addresses": _ADDRESSES_CLAUSE,
        },
    ),
}
