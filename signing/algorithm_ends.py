"""Until when a signature's algorithms are relied on: the one table, from others' transition plans.

Dates are the last days (UTC). What no plan ends has none; what is not in the table counts as ended
already, so that nothing unknown is ever relied on.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import product
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec, mldsa, rsa
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

OTHER: Final = "other"
"""A key or digest that the table does not name."""
NEVER: Final = datetime.max.replace(tzinfo=UTC)
_ENDED: Final = date(2013, 12, 31)
"""When SP 800-131A ended SHA-1 in signatures and keys of less than 112 bits of strength."""
_WEAK_END: Final = date(2030, 12, 31)
"""112 bits of strength: NIST SP 800-57 part 1 rev. 5, table 4; SP 800-131A rev. 2, 3."""
_CLASSICAL_END: Final = date(2035, 12, 31)
"""What a quantum computer breaks, whatever its size: NIST IR 8547 (draft of 2024), table 2."""

KEY_ENDS: dict[str, date | None] = {
    "ecdsa-p256": _CLASSICAL_END,
    "ecdsa-p384": _CLASSICAL_END,
    "ecdsa-p521": _CLASSICAL_END,
    "rsa-2048": _WEAK_END,
    "rsa-3072": _CLASSICAL_END,
    "rsa-4096": _CLASSICAL_END,
    "ml-dsa-44": None,
    "ml-dsa-65": None,
    "ml-dsa-87": None,
    OTHER: _ENDED,
}
"""By key; an RSA key counts as the greatest of these sizes that it reaches."""
DIGEST_ENDS: dict[str, date | None] = {
    "sha256": None,  # SP 800-131A rev. 2, 9; ETSI TS 119 312, 5
    "sha384": None,
    "sha512": None,
    OTHER: _ENDED,
}
_CURVES = {"secp256r1": "ecdsa-p256", "secp384r1": "ecdsa-p384", "secp521r1": "ecdsa-p521"}
_RSA_SIZES = (4096, 3072, 2048)


@dataclass(frozen=True, slots=True)
class AlgorithmSuite:
    """A key's algorithm, and the weakest digest that it signs."""

    key: str
    digest: str

    def __str__(self) -> str:
        return f"{self.key}/{self.digest}"

    @property
    def until(self) -> datetime:
        """Return the instant up to which both are relied on; `NEVER` where no plan ends them."""
        return min(_instant(KEY_ENDS[self.key]), _instant(DIGEST_ENDS[self.digest]))


def suite_of(key: PublicKeyTypes, digests: tuple[str, ...]) -> AlgorithmSuite:
    """Return the suite of a signature by `key` in which `digests` (such as `sha256`) were used."""
    named = {digest if digest in DIGEST_ENDS else OTHER for digest in digests}
    weakest = min(named, key=lambda digest: _instant(DIGEST_ENDS[digest]))
    return AlgorithmSuite(_key_name(key), weakest)


def parse_suite(text: str) -> AlgorithmSuite:
    """Return the suite that `str` of one names; one of `OTHER` for any other text."""
    return next(
        (suite for suite in all_suites() if str(suite) == text), AlgorithmSuite(OTHER, OTHER)
    )


def all_suites() -> list[AlgorithmSuite]:
    """Return every suite that can be named."""
    return [AlgorithmSuite(key, digest) for key, digest in product(KEY_ENDS, DIGEST_ENDS)]


def _key_name(key: PublicKeyTypes) -> str:
    match key:
        case ec.EllipticCurvePublicKey():
            return _CURVES.get(key.curve.name, OTHER)
        case rsa.RSAPublicKey():
            return next((f"rsa-{size}" for size in _RSA_SIZES if key.key_size >= size), OTHER)
        case mldsa.MLDSA44PublicKey():
            return "ml-dsa-44"
        case mldsa.MLDSA65PublicKey():
            return "ml-dsa-65"
        case mldsa.MLDSA87PublicKey():
            return "ml-dsa-87"
        case _:
            return OTHER


def _instant(last_day: date | None) -> datetime:
    """Return the end of a day, UTC."""
    if last_day is None:
        return NEVER
    return datetime.combine(last_day + timedelta(days=1), time.min, UTC)
