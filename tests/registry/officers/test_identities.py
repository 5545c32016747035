"""Identities: known by issuer and subject alone, and named nowhere in the audit."""

import secrets
from datetime import timedelta

import pytest
from sqlalchemy import update

from core.errors import NotAllowedError
from core.ids import IdentityId
from core.permits import Action, Permit
from identity.people.model import Identity, IdentityKind, Pin
from registry.db.tables import identities
from registry.model import ConflictError
from registry.officers.identities import (
    IdentityEndedError,
    InvalidOfficerError,
    NewIdentity,
    add_identity,
    find_identity,
    list_identities,
    people_behind,
    recognise,
)
from registry.officers.model import IdentityState, NoSuchIdentityError
from tests.permits import GRANT, MANAGE_OFFICERS, OPERATOR
from tests.registry.officers.office import AT, ISSUER, MARKET, Office, signed_in


def sign_in(office: Office, identity: Identity) -> Identity:
    with office.database.writing() as connection:
        return recognise(connection, identity, office.clock.now(), secrets.token_bytes)


def test_who_signs_in_first_is_recorded_once(office: Office) -> None:
    first = sign_in(office, signed_in("li"))
    office.clock.advance(timedelta(hours=1))
    assert sign_in(office, signed_in("li")).identity_id == first.identity_id
    assert sign_in(office, signed_in("wang")).identity_id != first.identity_id
    added = office.events("identity.")
    assert [one.action for one in added] == ["identity.added", "identity.added"]
    assert added[0].actor == added[0].subject == f"id:{first.identity_id}"
    facts = dict(added[0].after or {})
    assert len(str(facts.pop("person"))) == 64
    assert facts == {"kind": "person", "owner": None, "state": "ACTIVE", "merged_into": None}
    with office.database.reading() as connection:
        assert first.identity_id is not None
        record = find_identity(connection, first.identity_id)
    assert (record.created_at, record.last_seen_at) == (AT, AT + timedelta(hours=1))
    office.check()


def test_another_issuer_s_subject_is_somebody_else(office: Office) -> None:
    ours = sign_in(office, signed_in("li"))
    other = Identity(
        Pin("https://other.example", "sub-li"), IdentityKind.PERSON, "li", signed_in("li").way
    )
    assert sign_in(office, other).identity_id != ours.identity_id


def test_a_name_changes_and_the_audit_never_says_it(office: Office) -> None:
    first = sign_in(office, signed_in("li", shown="李梅"))
    assert sign_in(office, signed_in("li", shown="李小梅")).identity_id == first.identity_id
    assert sign_in(office, signed_in("li", shown="李小梅")).identity_id == first.identity_id
    told = office.events("identity.")
    assert [one.action for one in told] == ["identity.added", "identity.renamed"]
    before, after = (told[1].before or {})["person"], (told[1].after or {})["person"]
    assert before == (told[0].after or {})["person"] != after
    text = str([one.to_json() for one in told])
    assert not [one for one in ("李梅", "李小梅", "sub-li", ISSUER) if one in text]
    with office.database.reading() as connection:
        assert [one.name for one in list_identities(connection)] == ["李小梅"]
    office.check()


@pytest.mark.parametrize("state", [IdentityState.DISABLED, IdentityState.MERGED])
def test_who_ended_does_not_sign_in(office: Office, state: IdentityState) -> None:
    office.add("li")
    with office.database.writing() as connection:
        connection.execute(update(identities).values(state=state))
    with pytest.raises(IdentityEndedError):
        sign_in(office, signed_in("li"))


def test_a_system_is_recorded_by_an_administrator_with_its_owner(office: Office) -> None:
    with pytest.raises(NotAllowedError):
        sign_in(office, signed_in("system", kind=IdentityKind.SERVICE))
    system = office.add("system", office.add("li"))
    found = sign_in(office, signed_in("system", kind=IdentityKind.SERVICE))
    assert found.identity_id == system
    with pytest.raises(NotAllowedError):
        sign_in(office, signed_in("system"))


def test_what_cannot_be_recorded(office: Office) -> None:
    li = office.add("li")
    system = office.add("system", li)
    person, service = IdentityKind.PERSON, IdentityKind.SERVICE

    def refused(new: NewIdentity, error: type[Exception], permit: Permit = MANAGE_OFFICERS) -> None:
        with pytest.raises(error), office.database.writing() as connection:
            add_identity(connection, new, permit, AT, secrets.token_bytes)

    pin = Pin(ISSUER, "new")
    refused(NewIdentity(pin, service, "x"), InvalidOfficerError)
    refused(NewIdentity(pin, person, "x", li), InvalidOfficerError)
    refused(NewIdentity(pin, service, "x", system), InvalidOfficerError)
    refused(NewIdentity(pin, service, "x", IdentityId("nobody")), NoSuchIdentityError)
    refused(NewIdentity(Pin(ISSUER, "sub-li"), person, "x"), ConflictError)
    refused(NewIdentity(pin, person, ""), InvalidOfficerError)
    refused(NewIdentity(pin, person, "a\nb"), InvalidOfficerError)
    refused(NewIdentity(Pin("", "new"), person, "x"), InvalidOfficerError)
    refused(NewIdentity(Pin(ISSUER, "n" * 256), person, "x"), InvalidOfficerError)
    refused(NewIdentity(pin, person, "n" * 129), InvalidOfficerError)
    refused(NewIdentity(pin, person, "x"), NotAllowedError, GRANT)
    with office.database.writing() as connection:
        connection.execute(
            update(identities).where(identities.c.identity_id == li).values(state="DISABLED")
        )
    refused(NewIdentity(pin, service, "x", li), InvalidOfficerError)
    longest = NewIdentity(Pin("i" * 255, "s" * 255), person, "n" * 128)
    with office.database.writing() as connection:
        add_identity(connection, longest, MANAGE_OFFICERS, AT, secrets.token_bytes)
    of_one = Permit(OPERATOR, Action.MANAGE_OFFICERS, MARKET)
    with office.database.writing() as connection:
        add_identity(connection, NewIdentity(pin, person, "x"), of_one, AT, secrets.token_bytes)


def test_people_behind_an_actor(office: Office) -> None:
    li, wang, zhao = (office.add(one) for one in ("li", "wang", "zhao"))
    system = office.add("system", li)
    with office.database.writing() as connection:
        this = update(identities).where(identities.c.identity_id == li)
        connection.execute(this.values(merged_into=wang))

    def behind(name: str) -> set[str]:
        with office.database.reading() as connection:
            return set(people_behind(connection, name))

    assert behind(f"id:{system}") == {f"id:{system}", f"id:{li}", f"id:{wang}"}
    assert behind(f"id:{wang}") == behind(f"id:{li}") == {f"id:{li}", f"id:{wang}"}
    assert behind(f"id:{zhao}") == {f"id:{zhao}"}
    assert behind("local:tester") == {"local:tester"}
