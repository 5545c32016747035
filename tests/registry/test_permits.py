"""Every write refuses a permit that is for something else, and one for another authority."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from ca.issuing.revocation import Revocation
from ca.ledger import Intent, RevocationReason
from ca.profiles.profiles import ProfileKind
from core.errors import NotAllowedError
from core.ids import AuthorityId, IssuerId, KeyId, SealId
from core.permits import Action, Actor, Permit, Role
from identity.people.model import IdentityKind, Pin
from registry.audit.events import list_events
from registry.bodies.authorities import add_authority, add_mandate, find_seal
from registry.bodies.reorganising import AuthorityStanding, reorganise
from registry.compromise.cases import CompromiseCase
from registry.granting.giving_up import give_up
from registry.licences.licences import LicenceChange, change_state
from registry.model import Authority, LicenceState, Reason, SealLevel
from registry.officers.approval_use import carry_out
from registry.officers.certificates import bind_certificate
from registry.officers.departures import Departure, LeavingKind
from registry.officers.identities import NewIdentity, add_identity
from registry.officers.requests import (
    NewDeskRequest,
    approve_request,
    make_request,
    reject_request,
    withdraw_request,
)
from registry.officers.roles import RoleGift, assign_role, end_role
from registry.officers.states import enable_identity
from registry.types.catalogue import put_type
from tests.permits import DECIDE, MANAGE_OFFICERS, OPERATOR
from tests.registry.officers.office import DECIDERS
from tests.world import World, reserved

ISSUER = IssuerId("issuing-1")
Write = Callable[[Permit], object]


@dataclass(frozen=True)
class Kind:
    """A write, and the actions that let it be done."""

    write: Write
    actions: frozenset[Action]
    authority_id: str | None = None
    """Whom it concerns."""


def writes(world: World) -> dict[str, Kind]:
    home, now = world.home, world.clock.now()
    kind = world.types["food-operation"]
    granted = world.grant(0).licence
    with home.database.writing() as connection:
        seal = find_seal(connection, SealId(kind.seal_id))
        pending = reserved(home.reservations, connection, world.request(1)).licence
    own = seal.authority_id
    entry = home.ledger.list_entries(ISSUER, profile=ProfileKind.SEAL)[0]
    issuer = home.ledger.list_issuers()[0]
    other = Authority(AuthorityId("other"), "另一局", "1199000000000001QQ", SealLevel.PROVINCE, now)

    def in_transaction(work: Callable[..., object], *given: object, **named: object) -> Write:
        def write(permit: Permit) -> object:
            named_now = {key: permit if one is ... else one for key, one in named.items()}
            with home.database.writing() as connection:
                return work(
                    connection, *(permit if one is ... else one for one in given), **named_now
                )

        return write

    def change(what: LicenceChange, reason: Reason | None) -> Write:
        named = {"reason": reason, "basis": "测试", "permit": ..., "at": now}
        return in_transaction(change_state, granted.identifier, what, **named)

    def intend(profile: ProfileKind) -> Write:
        intent = Intent(ISSUER, 7, profile, "CN=x", "0" * 64, "0" * 64, now, now)
        return lambda permit: home.ledger.record_intent(intent, now, permit)

    random = secrets.token_bytes
    grant = frozenset({Action.GRANT})
    officers = {Action.MANAGE_OFFICERS}
    with home.database.writing() as connection:
        pins = (Pin("https://id.example", one) for one in ("li", "wang"))
        li, wang = (
            add_identity(
                connection, NewIdentity(pin, IdentityKind.PERSON, "x"), MANAGE_OFFICERS, now, random
            ).identity_id
            for pin in pins
        )
        held = assign_role(
            connection, RoleGift(wang, Role.SEALER, own), MANAGE_OFFICERS, now, random
        )
        new = NewDeskRequest(Action.GRANT, own, "0" * 64)
        theirs = Permit(Actor(f"id:{wang}"), Action.REQUEST, own)
        asked = [make_request(connection, new, theirs, now, random) for _ in range(3)]
        ready = approve_request(
            connection, asked[2].request_id, "可", DECIDE, now, deciders=DECIDERS
        )
    people = {
        "role": (
            in_transaction(assign_role, RoleGift(li, Role.SEALER, own), ..., now, random),
            officers,
            own,
        ),
        "role everywhere": (
            in_transaction(assign_role, RoleGift(li, Role.AUDITOR, None), ..., now, random),
            officers,
        ),
        "role's end": (
            in_transaction(end_role, held.assignment_id, "试", ..., now),
            officers,
            own,
        ),
        "request": (in_transaction(make_request, new, ..., now, random), {Action.REQUEST}, own),
        "approval": (
            in_transaction(approve_request, asked[0].request_id, "可", ..., now, deciders=DECIDERS),
            {Action.DECIDE},
            own,
        ),
        "rejection": (
            in_transaction(reject_request, asked[0].request_id, "不", ..., now, deciders=DECIDERS),
            {Action.DECIDE},
            own,
        ),
        "withdrawal": (
            in_transaction(withdraw_request, asked[1].request_id, "误", ..., now),
            {Action.REQUEST},
            own,
        ),
        "carrying out": (
            in_transaction(carry_out, ready.request_id, "0" * 64, ..., now, deciders=DECIDERS),
            grant,
            own,
        ),
        "officer's certificate's owner": (
            in_transaction(bind_certificate, li, (ISSUER, 7), own, ..., now),
            {Action.ENROL, Action.ENROL_OWN},
            own,
        ),
        "standing": (
            in_transaction(reorganise, own, AuthorityStanding(valid_until=date.max), ..., now),
            {Action.MANAGE_AUTHORITY},
            own,
        ),
        "leaving": (
            lambda permit: home.leaving.end_identity(
                Departure(wang, LeavingKind.DISABLED, "试"), permit
            ),
            {*officers, Action.PROVISION},
        ),
        "coming back": (
            in_transaction(enable_identity, li, "试", ..., now),
            {*officers, Action.PROVISION},
        ),
    }
    case = CompromiseCase(seal.seal_id, "0" * 64, now - timedelta(days=1), "测试", reseal=False)
    home.granting.resume  # noqa: B018  # opened: its sample of a timestamp is on record
    renewal = home.open_archive_renewal()
    services = frozenset({Action.RUN_SERVICES, Action.MANAGE_CA})
    only = {
        **people,
        "grant": (
            lambda permit: home.granting.grant(replace(world.request(2), permit=permit)),
            grant,
            own,
        ),
        "resume": (lambda permit: home.granting.resume(pending.identifier, permit), grant, own),
        "give up": (
            lambda permit: give_up(
                home.database, home.reservations, pending.identifier, "误", permit
            ),
            grant,
            own,
        ),
        "suspend": (
            change(LicenceChange.SUSPEND, Reason.UNDER_REVIEW),
            {Action.CHANGE_LICENCE},
            own,
        ),
        "cancel": (change(LicenceChange.CANCEL, Reason.FORFEITED), {Action.CHANGE_LICENCE}, own),
        "replace": (change(LicenceChange.REPLACE, Reason.CHANGED), grant, own),
        "distrust": (
            change(LicenceChange.DISTRUST, Reason.SEAL_COMPROMISED),
            {Action.HANDLE_COMPROMISE},
            own,
        ),
        "renew the archive": (
            lambda permit: list(renewal.run(now, permit)),
            {Action.RENEW_ARCHIVE},
        ),
        "authority": (
            in_transaction(add_authority, other, ...),
            {Action.MANAGE_AUTHORITY},
            "other",
        ),
        "type": (
            in_transaction(put_type, kind.licence_type, ..., now),
            {Action.MANAGE_AUTHORITY},
        ),
        "mandate": (
            in_transaction(add_mandate, kind.licence_type.code, seal, ..., now),
            {Action.MANAGE_AUTHORITY},
            own,
        ),
        "seal": (
            lambda permit: home.seal_maker.make(SealId("new"), own, "", permit),
            {Action.MANAGE_SEAL},
        ),
        "seal's renewal": (
            lambda permit: home.seal_maker.renew(seal.seal_id, permit),
            {Action.MANAGE_SEAL, Action.HANDLE_COMPROMISE},
        ),
        "revoke": (
            lambda permit: home.status_changes.revoke(
                entry, Revocation(RevocationReason.SUPERSEDED), "测试", permit
            ),
            {Action.CHANGE_CERTIFICATE, Action.MANAGE_CA, Action.HANDLE_COMPROMISE},
        ),
        "hold": (
            lambda permit: home.status_changes.hold(entry, "测试", permit),
            {Action.CHANGE_CERTIFICATE},
        ),
        "lists": (
            lambda permit: home.status_changes.publish(ISSUER, permit),
            {Action.CHANGE_CERTIFICATE, Action.MANAGE_CA},
        ),
        "release": (
            lambda permit: home.ledger.release(ISSUER, entry.intent.serial, now, permit),
            {Action.CHANGE_CERTIFICATE},
        ),
        "CA": (lambda permit: home.ledger.save_issuer(issuer, now, permit), {Action.MANAGE_CA}),
        "root's certificate": (intend(ProfileKind.ROOT), {Action.MANAGE_CA}),
        "CA's certificate": (intend(ProfileKind.ISSUING), {Action.MANAGE_CA}),
        "TSA's certificate": (intend(ProfileKind.TSA), services),
        "officer's certificate": (
            intend(ProfileKind.OFFICER),
            {Action.ENROL, Action.ENROL_OWN},
        ),
        "key": (
            lambda permit: home.key_register.retire(KeyId(seal.key_id), "测试", permit),
            {Action.MANAGE_KEY},
        ),
        "trust list": (home.trust_desk.discard, {Action.MANAGE_TRUST}),
        "case": (
            lambda permit: home.compromises.begin(case, entry, permit),
            {Action.HANDLE_COMPROMISE},
        ),
    }
    assert granted.state is LicenceState.IN_FORCE
    return {name: Kind(one[0], frozenset(one[1]), *one[2:]) for name, one in only.items()}  # type: ignore[arg-type]


def test_a_permit_for_something_else_or_another_authority_does_nothing(
    sqlite_world: World,
) -> None:
    world = sqlite_world
    before: list[tuple[str, str]] | None = None
    for name, case in writes(world).items():
        if before is None:
            before = events(world)
        for action in Action:
            only = "nobody" if action in case.actions else None
            permit = Permit(OPERATOR, action, only)
            assert is_refused(case.write, permit), f"{name} took {permit}"
    assert events(world) == before, "nothing was recorded"


def is_refused(write: Write, permit: Permit) -> bool:
    try:
        write(permit)
    except NotAllowedError:
        return True
    return False


def events(world: World) -> list[tuple[str, str]]:
    with world.home.database.reading() as connection:
        return [(one.action, one.subject) for one in list_events(connection, limit=10_000)]


def test_a_fitting_permit_for_its_authority_will_do(sqlite_world: World) -> None:
    """Those that follow from each other are left out."""
    known = writes(sqlite_world)
    for name in ("grant", "resume", "suspend", "authority", "hold", "key"):
        case = known[name]
        for action in case.actions:
            case.write(Permit(OPERATOR, action, case.authority_id))
