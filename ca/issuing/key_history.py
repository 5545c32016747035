"""Limits that a key's past certificates set on certifying it again."""

from collections.abc import Iterable

from cryptography import x509

from ca.errors import UsedKeyError
from ca.issuing import messages
from ca.ledger import CertificateState, LedgerEntry, RevocationReason
from ca.profiles.profiles import ProfileKind
from core.text import Text

_COMPROMISED = frozenset({RevocationReason.KEY_COMPROMISE, RevocationReason.CA_COMPROMISE})
_PURPOSES: dict[str, str] = {
    ProfileKind.ROOT: "ca",
    ProfileKind.ISSUING: "ca",
    ProfileKind.CROSS: "ca",  # a root's key, certified by another root
    ProfileKind.OFFICER_SHORT: ProfileKind.OFFICER,
}
"""Kinds that share a key; every other kind has keys of its own."""


def check_key_history(
    entries: Iterable[LedgerEntry], kind: ProfileKind, subject: x509.Name
) -> None:
    """Raise `UsedKeyError` for a key that was compromised, or is another's or for something else.

    `entries` are those of this key, of all issuers. What was only intended was handed to nobody
    and does not count. One key, one subject, one purpose: else a signature could be claimed by
    two, and a revocation of the one would leave the other (RFC 5280 4.2.1.3; EN 319 411-1 6.3.3).
    """
    for entry in entries:
        if entry.reason in _COMPROMISED:
            raise _refused(messages.KEY_REVOKED_FOR_COMPROMISE)
        if entry.state is CertificateState.INTENDED:
            continue
        if _purpose(entry.intent.profile) != _purpose(kind):
            raise _refused(messages.KEY_SERVES_ANOTHER_PURPOSE)
        if entry.intent.subject != subject.rfc4514_string():
            raise _refused(messages.KEY_OF_ANOTHER_SUBJECT)


def _purpose(kind: str) -> str:
    return _PURPOSES.get(kind, kind)


def _refused(text: Text) -> UsedKeyError:
    return UsedKeyError(messages.public_key_not_certifiable(text))
