"""The rules of revocation: which reasons fit what, and that things only ever get worse."""

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ca.errors import RevocationRefusedError
from ca.issuers import FIRST_ISSUING
from ca.issuing.revocation import (
    CRL_DELAY,
    Revocation,
    held,
    is_held,
    reasons_for,
    released,
    revoked,
    states,
)
from ca.ledger import UNKNOWN_PROFILE, CertificateState, Intent, LedgerEntry, RevocationReason
from ca.profiles.profiles import ProfileKind

BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
NOW = BEGIN + timedelta(days=30)
REASON = RevocationReason
CAS = (ProfileKind.ROOT, ProfileKind.ISSUING, ProfileKind.CROSS)


def entry(kind: ProfileKind = ProfileKind.SEAL) -> LedgerEntry:
    intent = Intent(FIRST_ISSUING, 7, kind, "CN=x", "", "", BEGIN, BEGIN + timedelta(days=365))
    return LedgerEntry(intent, CertificateState.ISSUED, b"der", None, None)


@pytest.mark.parametrize("kind", ProfileKind)
@pytest.mark.parametrize("reason", RevocationReason)
def test_each_kind_is_revoked_for_its_own_reasons(
    kind: ProfileKind, reason: RevocationReason
) -> None:
    lasting = kind is not ProfileKind.OFFICER_SHORT
    fits = {
        **dict.fromkeys(REASON, lasting),
        REASON.UNSPECIFIED: lasting and kind not in CAS,
        REASON.KEY_COMPROMISE: kind not in CAS,
        REASON.PRIVILEGE_WITHDRAWN: lasting and kind not in CAS,
        REASON.CA_COMPROMISE: (kind in CAS),
        REASON.CERTIFICATE_HOLD: False,
    }
    if fits[reason]:
        after = revoked(entry(kind), Revocation(reason), NOW)
        assert (after.state, after.reason, after.revoked_at) == (
            CertificateState.REVOKED,
            reason,
            NOW,
        )
    else:
        with pytest.raises(RevocationRefusedError) as refused:
            revoked(entry(kind), Revocation(reason), NOW)
        assert ("xinyin ca hold" in str(refused.value)) == (lasting and kind not in CAS)


@pytest.mark.parametrize("reason", RevocationReason)
def test_what_only_a_crl_tells_of_is_revoked_for_any_final_reason(
    reason: RevocationReason,
) -> None:
    lost = entry()
    lost = replace(lost, intent=replace(lost.intent, profile=UNKNOWN_PROFILE))
    if reason is REASON.CERTIFICATE_HOLD:
        with pytest.raises(RevocationRefusedError):
            revoked(lost, Revocation(reason), NOW)
        assert is_held(held(lost, NOW))
    else:
        assert revoked(lost, Revocation(reason), NOW).reason is reason


def test_what_was_asked_for_already_is_told() -> None:
    stolen = Revocation(REASON.KEY_COMPROMISE, BEGIN)
    after = revoked(entry(), stolen, NOW)
    assert states(after, stolen)
    assert not states(after, Revocation(REASON.KEY_COMPROMISE))
    assert not states(after, Revocation(REASON.SUPERSEDED, BEGIN))
    assert not states(entry(), stolen)
    assert not states(replace(after, state=CertificateState.ISSUED), stolen)


def test_a_revocation_is_published_within_a_minute() -> None:
    assert CRL_DELAY.total_seconds() == 60, "as the operator's guide promises"


def test_a_hold_is_released_or_becomes_final_with_its_date() -> None:
    hold = held(entry(), NOW)
    assert is_held(hold)
    assert released(hold) == entry()
    assert released(replace(hold, invalidity_at=BEGIN)) == entry()
    final = revoked(hold, Revocation(REASON.SUPERSEDED), NOW + timedelta(days=1))
    assert (final.reason, final.revoked_at) == (REASON.SUPERSEDED, NOW)
    for undo in (released, lambda one: held(one, NOW)):
        with pytest.raises(RevocationRefusedError):
            undo(final)


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        (ProfileKind.ROOT, "only revoked"),
        (ProfileKind.ISSUING, "only revoked"),
        (ProfileKind.OFFICER_SHORT, "RFC 9608"),
    ],
)
def test_a_ca_and_what_ends_within_a_day_are_not_put_on_hold(kind: ProfileKind, says: str) -> None:
    with pytest.raises(RevocationRefusedError, match=says):
        held(entry(kind), NOW)


def test_what_is_on_hold_is_told_so_and_not_called_revoked() -> None:
    with pytest.raises(RevocationRefusedError, match="on hold already"):
        held(held(entry(), NOW), NOW)


@pytest.mark.parametrize("state", [CertificateState.INTENDED, CertificateState.REVOKED])
def test_only_what_is_in_use_is_put_on_hold(state: CertificateState) -> None:
    with pytest.raises(RevocationRefusedError):
        held(replace(entry(), state=state), NOW)
    with pytest.raises(RevocationRefusedError):
        released(replace(entry(), state=state, reason=REASON.SUPERSEDED))


def test_a_signature_that_may_have_escaped_is_revoked() -> None:
    lost = replace(entry(), state=CertificateState.INTENDED, certificate=None)
    assert revoked(lost, Revocation(REASON.KEY_COMPROMISE), NOW).revoked_at == NOW


def test_an_invalidity_date_belongs_to_a_compromise_in_the_certificate_s_past() -> None:
    with pytest.raises(RevocationRefusedError):
        revoked(entry(), Revocation(REASON.SUPERSEDED, BEGIN), NOW)
    for outside in (BEGIN - timedelta(seconds=1), NOW + timedelta(seconds=1)):
        with pytest.raises(RevocationRefusedError):
            revoked(entry(), Revocation(REASON.KEY_COMPROMISE, outside), NOW)
    for inside in (BEGIN, NOW):
        after = revoked(entry(), Revocation(REASON.KEY_COMPROMISE, inside), NOW)
        assert after.invalidity_at == inside


@pytest.mark.parametrize(
    ("before", "after", "allowed"),
    [
        ((REASON.SUPERSEDED, None), (REASON.KEY_COMPROMISE, 9), True),
        ((REASON.UNSPECIFIED, None), (REASON.KEY_COMPROMISE, None), True),
        ((REASON.KEY_COMPROMISE, None), (REASON.KEY_COMPROMISE, 9), True),
        ((REASON.KEY_COMPROMISE, 9), (REASON.KEY_COMPROMISE, 8), True),
        ((REASON.KEY_COMPROMISE, 9), (REASON.KEY_COMPROMISE, 9), False),
        ((REASON.KEY_COMPROMISE, 9), (REASON.KEY_COMPROMISE, 10), False),
        ((REASON.KEY_COMPROMISE, 9), (REASON.KEY_COMPROMISE, None), False),
        ((REASON.KEY_COMPROMISE, 9), (REASON.SUPERSEDED, None), False),
        ((REASON.SUPERSEDED, None), (REASON.UNSPECIFIED, None), False),
        ((REASON.SUPERSEDED, None), (REASON.SUPERSEDED, None), False),
    ],
)
def test_a_revocation_only_gets_worse(
    before: tuple[RevocationReason, int | None],
    after: tuple[RevocationReason, int | None],
    *,
    allowed: bool,
) -> None:
    first, second = (
        Revocation(reason, None if day is None else BEGIN + timedelta(days=day))
        for reason, day in (before, after)
    )
    was = revoked(entry(), first, NOW)
    if not allowed:
        with pytest.raises(RevocationRefusedError):
            revoked(was, second, NOW + timedelta(days=1))
        return
    now = revoked(was, second, NOW + timedelta(days=1))
    assert (now.reason, now.invalidity_at) == (second.reason, second.invalidity_at)
    assert now.revoked_at == was.revoked_at == NOW


def test_no_sequence_of_changes_undoes_a_revocation() -> None:
    """Every sequence of three changes: after a final revocation the date stays as it was."""
    at = itertools.count(1)
    changes = [
        lambda one: held(one, NOW + timedelta(seconds=next(at))),
        released,
        *(
            lambda one, r=reason: revoked(one, Revocation(r), NOW + timedelta(seconds=next(at)))
            for reason in sorted(reasons_for(ProfileKind.SEAL))
        ),
    ]
    for sequence in itertools.product(changes, repeat=3):
        now = entry()
        for change in sequence:
            before = now
            try:
                now = change(now)
            except RevocationRefusedError:
                continue
            if before.state is CertificateState.REVOKED and not is_held(before):
                assert now.state is CertificateState.REVOKED
                assert now.revoked_at == before.revoked_at
                assert not is_held(now)
