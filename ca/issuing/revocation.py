"""Status changes of an issued certificate: held, released, revoked (RFC 5280 5.3).

Pure rules from one ledger entry to the next; the ledger applies them in a transaction of its own.

1. What is said of a certificate may only get worse. A final revocation is never undone and its
   date never moves; only a hold is released (RFC 5280 5.3.1, X.509 9.5.3.1).
2. A hold that becomes a revocation keeps the hold's date (X.509: the date of the revocation is
   that on which the certificate was placed on hold).
3. A revoked certificate whose key turns out to be in other hands takes keyCompromise over every
   other reason, with an invalidity date; that date may later move back, never forth. The date of
   the revocation stays: it must not precede CRLs that were signed without it (RFC 5280 5.3.2).
   Boulder does the same for a key shown to be compromised.
4. removeFromCRL belongs in delta CRLs, aACompromise to attribute certificates; we issue neither.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ca.errors import RevocationRefusedError
from ca.issuing import messages
from ca.ledger import UNKNOWN_PROFILE, CertificateState, LedgerEntry, RevocationReason
from ca.profiles.profiles import RULES, ProfileKind
from ca.profiles.words import kind_zh

CRL_DELAY = timedelta(minutes=1)
"""Within this time a revocation stands in the published CRL, whoever made it. Commands that hold
the CA's key sign the CRL before they end; the CA's schedule looks for others this often."""

_COMPROMISES = frozenset({RevocationReason.KEY_COMPROMISE, RevocationReason.CA_COMPROMISE})
_EITHER = frozenset(
    {
        RevocationReason.AFFILIATION_CHANGED,
        RevocationReason.SUPERSEDED,
        RevocationReason.CESSATION_OF_OPERATION,
    }
)
CA_REASONS = _EITHER | {RevocationReason.CA_COMPROMISE}
"""For a CA's certificate: cACompromise takes keyCompromise's place (RFC 5280 5.3.1, X.509), and the
reason is always said (CA/Browser Forum BR 7.2.2)."""
END_ENTITY_REASONS = _EITHER | {
    RevocationReason.UNSPECIFIED,
    RevocationReason.KEY_COMPROMISE,
    RevocationReason.PRIVILEGE_WITHDRAWN,
}

SHORT_LIVED_REASONS = frozenset({RevocationReason.KEY_COMPROMISE})
"""Nobody asks whether a certificate with noRevAvail was revoked (RFC 9608): its end is what helps.
A compromise is put on record all the same, so that the key is never certified again."""


@dataclass(frozen=True, slots=True)
class Revocation:
    """A final revocation, as it is asked for."""

    reason: RevocationReason
    invalidity_at: datetime | None = None
    """Since when the key is known or suspected to be in other hands (RFC 5280 5.3.2)."""


def reasons_for(profile: str) -> frozenset[RevocationReason]:
    """Return the final reasons that fit a certificate of this profile."""
    if profile == UNKNOWN_PROFILE:
        return CA_REASONS | END_ENTITY_REASONS
    if RULES[ProfileKind(profile)].ca:
        return CA_REASONS
    return SHORT_LIVED_REASONS if profile == ProfileKind.OFFICER_SHORT else END_ENTITY_REASONS


def states(entry: LedgerEntry, asked: Revocation) -> bool:
    """Tell whether a certificate is revoked as it is asked for."""
    return (entry.state, entry.reason, entry.invalidity_at) == (
        CertificateState.REVOKED,
        asked.reason,
        asked.invalidity_at,
    )


def is_held(entry: LedgerEntry) -> bool:
    """Tell whether a certificate is on hold."""
    return entry.reason is RevocationReason.CERTIFICATE_HOLD


def revoked(entry: LedgerEntry, asked: Revocation, at: datetime) -> LedgerEntry:
    """Return the entry, finally revoked. Raises `RevocationRefusedError`.

    One that was intended and never recorded as issued is revoked too: its signature may have
    escaped a crash, and nobody can prove that it did not.
    """
    _check_reason(entry, asked)
    _check_invalidity(entry, asked, at)
    if entry.state is not CertificateState.REVOKED:
        return replace(
            entry,
            state=CertificateState.REVOKED,
            revoked_at=at,
            reason=asked.reason,
            invalidity_at=asked.invalidity_at,
        )
    if is_held(entry) or is_worse(entry, asked):
        return replace(entry, reason=asked.reason, invalidity_at=asked.invalidity_at)
    raise RevocationRefusedError(messages.CERTIFICATE_ALREADY_REVOKED)


_STATES = {
    CertificateState.INTENDED: "待签发",
    CertificateState.ISSUED: "已签发",
    CertificateState.REVOKED: "已撤销",
}


def held(entry: LedgerEntry, at: datetime) -> LedgerEntry:
    """Return the entry, on hold. Raises `RevocationRefusedError`."""
    if entry.intent.profile != UNKNOWN_PROFILE and RULES[ProfileKind(entry.intent.profile)].ca:
        raise RevocationRefusedError(messages.CA_CERTIFICATE_NOT_HOLDABLE)
    if entry.intent.profile == ProfileKind.OFFICER_SHORT:
        raise RevocationRefusedError(messages.SHORT_LIVED_CERTIFICATE_NOT_HOLDABLE)
    if is_held(entry):
        raise RevocationRefusedError(messages.CERTIFICATE_ALREADY_ON_HOLD)
    if entry.state is not CertificateState.ISSUED:
        raise RevocationRefusedError(
            messages.certificate_state_not_holdable(
                state_zh=_STATES[entry.state], state=entry.state
            ),
        )
    reason = RevocationReason.CERTIFICATE_HOLD
    return replace(entry, state=CertificateState.REVOKED, revoked_at=at, reason=reason)


def released(entry: LedgerEntry) -> LedgerEntry:
    """Return the entry, no longer on hold. Raises `RevocationRefusedError`."""
    if not is_held(entry):
        raise RevocationRefusedError(messages.CERTIFICATE_NOT_ON_HOLD)
    state = CertificateState.ISSUED if entry.certificate else CertificateState.INTENDED
    return replace(entry, state=state, revoked_at=None, reason=None, invalidity_at=None)


def _check_reason(entry: LedgerEntry, asked: Revocation) -> None:
    fitting = reasons_for(entry.intent.profile)
    if asked.reason not in fitting:
        listed = sorted(fitting)
        can_be_held = fitting is END_ENTITY_REASONS
        hold_zh = "暂停请用 xinyin ca hold。" if can_be_held else ""
        hold_en = " To put one on hold use xinyin ca hold." if can_be_held else ""
        raise RevocationRefusedError(
            messages.revocation_reason_not_allowed(
                profile_zh=kind_zh(entry.intent.profile),
                reasons_zh="、".join(listed),
                hold_zh=hold_zh,
                profile=entry.intent.profile,
                reasons_en=", ".join(listed),
                hold_en=hold_en,
            ),
        )


def _check_invalidity(entry: LedgerEntry, asked: Revocation, at: datetime) -> None:
    if asked.invalidity_at is None:
        return
    if asked.reason not in _COMPROMISES:
        raise RevocationRefusedError(messages.INVALIDITY_DATE_NEEDS_COMPROMISE)
    if not entry.intent.not_before <= asked.invalidity_at <= at:
        raise RevocationRefusedError(
            messages.invalidity_date_out_of_range(entry.intent.not_before.isoformat())
        )


def is_worse(entry: LedgerEntry, asked: Revocation) -> bool:
    """Tell whether a final revocation, as asked for, says more than the one that stands (3)."""
    if asked.reason not in _COMPROMISES:
        return False
    if entry.reason not in _COMPROMISES:
        return True
    before, after = entry.invalidity_at, asked.invalidity_at
    return after is not None and (before is None or after < before)
