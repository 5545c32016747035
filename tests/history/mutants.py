"""Faults put into the product on purpose: `python -m tests.history.mutants` tells after how many
steps the simulator notices each.

A mutant that survives shows what the oracle does not look at.
"""

import argparse
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any
from unittest import mock

import ca.issuing.crl
import ca.ocsp.responder
import keys.ring
import registry.audit.events
import registry.backup.certificates
import registry.backup.merging
import registry.backup.restore
import registry.compromise.compromise
import registry.granting.granting
import registry.granting.journalled
import registry.granting.reservation
import registry.journal.journal
import registry.journal.mirroring
import registry.ledger.ledger
import registry.model
from ca.ledger import LedgerEntry, RevocationReason
from registry.db.faults import UnknownOutcomeError
from registry.journal.journal import JournalKind
from tests.history.run import History, HistoryFailedError

Mutant = Callable[[], AbstractContextManager[object]]
LENGTH = 200
_AIMS = {
    "restore": {"back_up", "restore", "issue_officer", "revoke", "hold"},
    "journal": {"back_up", "restore", "suspend", "reinstate"},
    "OCSP": {"ask_ocsp"},
    "key": {"repeat_grant", "retire_key", "grant"},
    "stolen": {"compromise"},
    "expire": {"jump", "repeat_grant"},
    "COMMIT": {"grant_without_key"},
}
"""Steps that come more often where a mutant needs them, by a word of its name."""


def _patched(owner: object, name: str, make: Callable[[Any], Any]) -> Mutant:
    """Return a mutant that puts something made of the original in its place."""

    def mutate() -> AbstractContextManager[object]:
        return mock.patch.object(owner, name, make(getattr(owner, name)))

    return mutate


def _always(value: object) -> Callable[[Any], Any]:
    return lambda _: lambda *_arguments, **_options: value


def _without_the_last(original: Any) -> Any:
    return lambda *arguments, **options: original(*arguments, **options)[:-1]


def _to_shard_0(original: Any) -> Any:
    return lambda intent: original(intent) | {"shard": 0}


def _weaker(original: Any) -> Any:
    def merge(connection: Any, told: LedgerEntry) -> bool:
        if told.reason is RevocationReason.KEY_COMPROMISE:
            told = replace(told, reason=RevocationReason.SUPERSEDED, invalidity_at=None)
        return bool(original(connection, told))

    return merge


def _silent_suspension(original: Any) -> Any:
    def record(connection: Any, **facts: Any) -> None:
        if facts["action"] != "licence.suspended":
            original(connection, **facts)

    return record


def _retried(original: Any) -> Any:
    def grant(self: Any, request: Any) -> Any:
        try:
            return original(self, request)
        except UnknownOutcomeError:
            return original(self, request)

    return grant


def _held_is_good(original: Any) -> Any:
    def revoked(entry: LedgerEntry) -> bytes:
        if entry.reason is RevocationReason.CERTIFICATE_HOLD:
            return ca.ocsp.responder._GOOD
        return bytes(original(entry))

    return revoked


def _without_epoch(original: Any) -> Any:
    return lambda connection, scope: 0 if scope == "revocations" else original(connection, scope)


def _after_the_commit(original: Any) -> Any:
    def tighten(self: Any, kind: JournalKind, facts: Any) -> None:
        if kind in (JournalKind.LICENCE, JournalKind.STATUS):
            self._after.append((self.open_journal(), kind, facts))
        else:
            original(self, kind, facts)

    return tighten


def _before_the_commit(original: Any) -> Any:
    del original

    def loosen(self: Any, kind: JournalKind, facts: Any) -> None:
        self.open_journal().append(kind, facts)

    return loosen


def _silent_licences(original: Any) -> Any:
    def tighten(self: Any, kind: JournalKind, facts: Any) -> None:
        if kind is not JournalKind.LICENCE:
            original(self, kind, facts)

    return tighten


def _constant_number(original: Any) -> Any:
    def take(self: Any, issuer: Any, at: Any) -> int:
        return int(original(self, issuer, at)) // 2 + 1

    return take


_LEDGER, _MERGER = registry.ledger.ledger.SqlLedger, registry.backup.merging.Merger
MUTANTS: dict[str, Mutant] = {
    "restore drops revocations of the journal": _patched(
        _MERGER, "_merge_certificate", _always(value=False)
    ),
    "restore drops changes of licences": _patched(
        registry.backup.merging, "merge_licence", _always(value=False)
    ),
    "restore drops marks of numbers": _patched(registry.backup.merging, "raise_to", _always(0)),
    "restore weakens a compromise": _patched(registry.backup.merging, "merge_certificate", _weaker),
    "restore takes nothing worse": _patched(
        registry.backup.certificates, "is_worse", _always(value=False)
    ),
    "restore forgets the shard": _patched(registry.backup.certificates, "_unknown", _to_shard_0),
    "restore leaves what was pending": _patched(
        registry.backup.restore, "void_pending", _always([])
    ),
    "restore leaves no event of a certificate": _patched(_MERGER, "events", _always([])),
    "restore makes no CRL due": _patched(registry.backup.restore, "_make_crls_due", _always(None)),
    "a CRL lacks its last entry": _patched(_LEDGER, "list_revoked", _without_the_last),
    "CRL numbers fall behind": _patched(_LEDGER, "take_crl_number", _constant_number),
    "a revocation publishes no CRL": _patched(ca.issuing.crl.CrlIssuer, "publish", _always(b"")),
    "OCSP calls a held certificate good": _patched(ca.ocsp.responder, "_revoked", _held_is_good),
    "OCSP does not hear of revocations": _patched(registry.ledger.ledger, "take", _without_epoch),
    "a request key is ignored": _patched(
        registry.granting.granting.Granting, "_known", _always(None)
    ),
    "a lost COMMIT is tried again": _patched(
        registry.granting.granting.Granting, "grant", _retried
    ),
    "a suspension leaves no event": _patched(registry.audit.events, "record", _silent_suspension),
    "the journal hears after the commit": _patched(
        registry.journal.mirroring.Mirror, "tighten", _after_the_commit
    ),
    "the journal loosens before the commit": _patched(
        registry.journal.mirroring.Mirror, "loosen", _before_the_commit
    ),
    "the journal hears of no licence": _patched(
        registry.journal.mirroring.Mirror, "tighten", _silent_licences
    ),
    "the journal marks no number": _patched(
        registry.journal.journal.Journal, "mark", _always(None)
    ),
    "the journal hears of no reservation": _patched(
        registry.granting.journalled.JournalledReservations, "note", _always(None)
    ),
    "the journal hears of no document": _patched(
        registry.granting.granting, "journal_revisions", _always(None)
    ),
    "a stolen seal's licences all count as proven": _patched(
        registry.compromise.compromise,
        "find",
        _always((registry.model.CompromiseFinding.PROVEN, None)),
    ),
    "a licence does not expire": _patched(
        registry.model.Licence, "effective_state", lambda _: lambda self, _today: self.state
    ),
    "a retired key seals on": _patched(keys.ring.KeyRing, "may_open", _always(value=True)),
}


def caught_after(name: str, kind: str, seeds: range) -> tuple[int, str] | None:
    """Return how many steps it took to notice a mutant, and what was said; None: never."""
    steps, often = 0, frozenset(one for word, aim in _AIMS.items() if word in name for one in aim)
    for seed in seeds:
        with MUTANTS[name]():
            try:
                steps += History(str(seed), LENGTH, kind, often).play().step
            except HistoryFailedError as error:
                return steps + error.step, str(error)
    return None


def _last_line(told: str) -> str:
    before = told.partition("\nseed ")[0]
    return before.strip().rpartition("\n")[2][:110]


def main() -> int:
    """Play histories with each mutant until one fails; 1 if a mutant survives."""
    parser = argparse.ArgumentParser(prog="python -m tests.history.mutants", description=__doc__)
    parser.add_argument("names", nargs="*", help="parts of names; all, unless said")
    parser.add_argument("--seed", type=int, default=1, help="of the first history")
    parser.add_argument("--tries", type=int, default=3, help="histories of 200 steps for each")
    chosen = parser.parse_args()
    survived = 0
    for name in MUTANTS:
        if chosen.names and not any(one in name for one in chosen.names):
            continue
        seeds = range(chosen.seed, chosen.seed + chosen.tries)
        found = caught_after(name, "sqlite", seeds)
        survived += found is None
        what = "SURVIVED" if found is None else f"{found[0]} steps: {_last_line(found[1])}"
        sys.stdout.write(f"{name}: {what}\n")
        sys.stdout.flush()
    return int(survived > 0)


if __name__ == "__main__":
    sys.exit(main())
