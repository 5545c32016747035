"""Puts together how identity providers say that somebody leaves, and what is done by itself.

security-events   what was kept and not carried out: every 10 s, should a crash come in between
event-poll-ALIAS  fetch events (RFC 8936): every 20 s
reconcile-ALIAS   fetch the list of people and compare: every 15 minutes
leavers           revoke the certificates of who left: every 30 s, where the CA's key is
"""

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from core.schedule import Duty
from home.identity.file import DirectoryTable, EventsTable, IdentityFile
from identity.oidc.deliveries import Deliveries
from identity.oidc.directory import Directory, DirectoryQuery
from identity.oidc.service_access import ServiceAccess
from identity.people.model import Pin
from identity.people.permits import finishing_permit
from issuing_api.app import IssuingMetrics
from issuing_api.ports import SignInParts
from issuing_api.providers.events import Events
from issuing_api.providers.routes import LeavingParts
from registry.desk.providers.inbox import Inbox
from registry.desk.providers.provisioning import Provisioning
from registry.desk.providers.reconciling import Listed, reconcile
from registry.desk.providers.word import ProviderWord

if TYPE_CHECKING:
    from home.wiring import Home

AGAIN_EVERY: Final = timedelta(seconds=10)
POLL_EVERY: Final = timedelta(seconds=20)
RECONCILE_EVERY: Final = timedelta(minutes=15)
REVOKE_EVERY: Final = timedelta(seconds=30)


def open_leaving(home: "Home", parts: SignInParts, metrics: IssuingMetrics) -> LeavingParts:
    """Return the parts by which providers' words are carried out on a home."""
    word = ProviderWord(home.database, lambda: home.leaving, home.clock)
    inbox = Inbox(home.database, word, metrics.count_event)

    def open_people(alias: str, client: Pin, who: str) -> Provisioning:
        return Provisioning(word, alias, client.iss, secrets.token_bytes, f"scim ({who})")

    return LeavingParts(Events(parts, inbox, home.clock), open_people)


def leaving_duties(
    home: "Home", file: IdentityFile, parts: SignInParts, leaving: LeavingParts
) -> list[Duty]:
    """Return the duties of one process of all.

    What waits for a provider has a thread of its own: none of ours may be late for it, and nothing
    else may keep an event from being fetched within its minute.
    """
    inbox = leaving.events.inbox
    duties = [Duty("security-events", AGAIN_EVERY, inbox.carry_out)]
    for one in file.providers:
        if one.events is not None and one.events.poll is not None:
            duties.append(_poll(home, one.alias, one.events, parts, leaving.events))
        if one.directory is not None:
            duties.append(_reconcile(home, one.alias, one.directory, parts, inbox.word))
    return duties


def revoking(home: "Home") -> Duty:
    """Return the duty of whoever has the CA's key: to revoke the certificates of who left."""

    def revoke() -> None:
        home.leaving.revoke_left(finishing_permit())

    return Duty("leavers", REVOKE_EVERY, revoke)


def _poll(home: "Home", alias: str, table: EventsTable, parts: SignInParts, events: Events) -> Duty:
    assert table.poll is not None
    access = ServiceAccess(parts.providers[alias].client, home.clock, table.poll_scope)
    deliveries = Deliveries(table.poll, access)

    def poll() -> None:
        events.poll(alias, deliveries)

    return Duty(f"event-poll-{alias}", POLL_EVERY, poll, remote=True, alone=True)


def _reconcile(
    home: "Home", alias: str, table: DirectoryTable, parts: SignInParts, word: ProviderWord
) -> Duty:
    client = parts.providers[alias].client
    query = DirectoryQuery(table.address, table.subject, table.filter)
    directory = Directory(query, ServiceAccess(client, home.clock, table.scope))

    def compare() -> None:
        asked_at = home.clock.now()
        listed = Listed(alias, client.provider.issuer, directory.active(), asked_at)
        reconcile(word, listed, share=table.most)

    return Duty(f"reconcile-{alias}", RECONCILE_EVERY, compare, remote=True, alone=True)
