"""Rights: the whole table by hand, and each condition on its own."""

from dataclasses import replace
from datetime import timedelta

import pytest

from core.errors import NotAllowedError
from core.ids import AuthorityId
from core.permits import Action, Actor, Permit, Reach, Role
from identity.people.bodies import Bodies, KnownBody
from identity.people.model import (
    Approval,
    Assignment,
    Identity,
    IdentityKind,
    SignInWay,
    Terms,
)
from identity.people.permits import (
    decide,
    finishing_permit,
    permit_for,
    provider_permit,
    revoking_permit,
)
from identity.people.rights_check import (
    OwnRequestError,
    RightsContext,
    SecondPersonRequiredError,
    StepUpRequiredError,
    reach_of,
)
from identity.people.rules import RULES
from tests.identity.people.people import (
    BODIES,
    CITY,
    CONTEXT,
    GONE,
    ISSUER,
    NEW,
    NOW,
    OLD,
    OTHER,
    STRONG,
    role,
    somebody,
)

O, A, S, R, U, M = (  # noqa: E741
    Role.OPERATOR,
    Role.APPROVER,
    Role.SEALER,
    Role.REGISTRAR,
    Role.AUDITOR,
    Role.ADMINISTRATOR,
)
EXPECTED: dict[Action, tuple[set[Role], bool, bool, bool]] = {
    # who, in the authority's own name, with a fresh sign-in, with a second person
    Action.GRANT: ({O, S}, True, False, False),
    Action.CHANGE_LICENCE: ({O, S}, True, False, False),
    Action.ASK_CORRECTION: ({O, A, S, R}, True, False, False),
    Action.DECIDE_CORRECTION: ({O, A, S}, True, False, False),
    Action.RENEW_ARCHIVE: ({S, M}, False, False, False),
    Action.EXPORT_ARCHIVE: ({S, M}, True, True, False),
    Action.TAKE_OVER: ({S, M}, True, True, False),
    Action.ERASE_LICENCE: ({M}, True, True, True),
    Action.MANAGE_AUTHORITY: ({M}, True, True, False),
    Action.MANAGE_SEAL: ({R}, True, True, True),
    Action.CHANGE_CERTIFICATE: ({R, M}, False, True, False),
    Action.ENROL: ({R}, True, True, False),
    Action.ENROL_OWN: ({O, A, S, R}, True, True, False),
    Action.RUN_SERVICES: (set(), True, False, False),
    Action.MANAGE_CA: ({M}, False, True, False),
    Action.MANAGE_TRUST: ({M}, False, True, False),
    Action.MANAGE_KEY: ({M}, False, True, False),
    Action.HANDLE_COMPROMISE: ({R, M}, False, True, False),
    Action.REQUEST: ({O, S, R}, True, False, False),
    Action.DECIDE: ({A}, True, False, False),
    Action.CONFIRM: ({R, M}, True, True, False),
    Action.MANAGE_OFFICERS: ({M}, True, True, False),
    Action.PROVISION: (set(), True, False, False),
    Action.READ: ({O, A, S, R, U, M}, True, False, False),
}
DIGEST = "ab" * 32


def approved(what: Action, at: AuthorityId | None, **other: object) -> Approval:
    approval = Approval("r1", what, at, DIGEST, frozenset({"id:wang"}), frozenset({"id:zhao"}))
    return replace(approval, **other)  # type: ignore[arg-type]


def allowed(
    identity: Identity,
    action: Action,
    at: AuthorityId | None,
    *roles: Assignment,
    context: RightsContext = CONTEXT,
    **rest: object,
) -> Permit | None:
    given: dict[str, object] = {"approval": approved(action, at), "digest": DIGEST, **rest}
    try:
        return decide(identity, roles, action, at, NOW, context=context, **given)  # type: ignore[arg-type]
    except NotAllowedError:
        return None


def test_the_table_has_every_action_and_no_other() -> None:
    assert set(RULES) == set(Action) == set(EXPECTED)


@pytest.mark.parametrize("action", list(Action))
@pytest.mark.parametrize("held", list(Role))
def test_who_may_do_what(action: Action, held: Role) -> None:
    """Each action by each role, in the authority and in all."""
    roles, own, _, _ = EXPECTED[action]
    here = allowed(somebody(), action, CITY, role(held, CITY))
    assert (here is not None) == (held in roles and own)
    everywhere = allowed(somebody(), action, CITY, role(held))
    assert (everywhere is not None) == (held in roles)
    assert allowed(somebody(), action, OTHER, role(held, CITY)) is None
    assert allowed(somebody(), action, None, role(held, CITY)) is None
    if here is not None:
        assert (here.actor.name, here.action, here.authority_id) == ("id:li", action, CITY)


@pytest.mark.parametrize("action", list(Action))
def test_what_needs_a_fresh_sign_in(action: Action) -> None:
    roles, _, fresh, _ = EXPECTED[action]
    everywhere = [role(one) for one in roles]
    for stale in (
        somebody(ago=timedelta(minutes=10, seconds=1)),
        somebody(ago=None),
        somebody(ago=-timedelta(minutes=2)),
        somebody(acr="urn:example:password"),
        somebody(acr=None),
    ):
        assert (allowed(stale, action, CITY, *everywhere) is None) == (fresh or not roles)
    for recent in (somebody(ago=timedelta(minutes=10)), somebody(acr="urn:example:also")):
        assert (allowed(recent, action, CITY, *everywhere) is None) == (not roles)


@pytest.mark.parametrize("action", list(Action))
def test_what_needs_a_second_person(action: Action) -> None:
    roles, _, _, second = EXPECTED[action]
    everywhere = [role(one) for one in roles]
    alone = allowed(somebody(), action, CITY, *everywhere, approval=None)
    assert (alone is None) == (second or not roles)


def test_a_step_up_says_what_is_needed() -> None:
    with pytest.raises(StepUpRequiredError) as raised:
        decide(somebody(acr=None), [role(R)], Action.ENROL, CITY, NOW, context=CONTEXT)
    assert raised.value.code == "step_up_required"
    assert raised.value.details == {"max_age": 600, "acr_values": f"{STRONG} urn:example:also"}


@pytest.mark.parametrize("action", list(Action))
def test_the_emergency_decides_and_confirms_nothing(action: Action) -> None:
    """Whatever its roles: it may be the hand of who asked for the very thing."""
    roles, _, _, _ = EXPECTED[action]
    everywhere = [role(one) for one in roles]
    hand = replace(somebody(), way=SignInWay.BREAK_GLASS)
    usual = allowed(somebody(), action, CITY, *everywhere) is not None
    refused = action in (Action.DECIDE, Action.CONFIRM)
    assert (allowed(hand, action, CITY, *everywhere) is not None) == (usual and not refused)


def test_one_fresh_sign_in_serves_whatever_is_done_in_its_ten_minutes() -> None:
    """Nothing is used up (RFC 9470: `auth_time` within `max_age`): fifty acts ask for one."""
    who = somebody(ago=timedelta(minutes=1))
    for _ in range(50):
        decide(who, [role(R)], Action.ENROL, CITY, NOW, context=CONTEXT)
    later = NOW + timedelta(minutes=9)
    decide(who, [role(R)], Action.ENROL, CITY, later, context=CONTEXT)
    with pytest.raises(StepUpRequiredError):
        decide(who, [role(R)], Action.ENROL, CITY, later + timedelta(seconds=1), context=CONTEXT)


def test_an_issuer_that_has_no_strong_means_cannot_step_up() -> None:
    """Nor does another issuer's word for it do."""
    other = somebody(iss="https://other.example")
    with pytest.raises(StepUpRequiredError) as raised:
        decide(other, [role(R)], Action.ENROL, CITY, NOW, context=CONTEXT)
    assert raised.value.details == {"max_age": 600}
    empty = somebody(iss="https://other.example", acr=None)
    assert allowed(empty, Action.ENROL, CITY, role(R)) is None


def test_a_system_cannot_step_up() -> None:
    system = somebody(kind=IdentityKind.SERVICE)
    assert allowed(system, Action.ENROL, CITY, role(R)) is None
    assert allowed(system, Action.GRANT, CITY, role(S)) is not None
    assert allowed(system, Action.GRANT, CITY, role(S), count=21) is None


def test_many_licences_at_once_need_a_fresh_sign_in() -> None:
    stale = somebody(ago=timedelta(hours=1))
    assert allowed(stale, Action.GRANT, CITY, role(S), count=20) is not None
    assert allowed(stale, Action.GRANT, CITY, role(S), count=21) is None
    assert allowed(somebody(), Action.GRANT, CITY, role(S), count=21) is not None


def test_terms_of_a_type_narrow_and_never_widen() -> None:
    only_sealers = Terms(frozenset({S}))
    assert allowed(somebody(), Action.GRANT, CITY, role(O, CITY), terms=only_sealers) is None
    assert allowed(somebody(), Action.GRANT, CITY, role(S, CITY), terms=only_sealers) is not None
    auditors = Terms(frozenset({U}))
    assert allowed(somebody(), Action.GRANT, CITY, role(U, CITY), terms=auditors) is None
    nobody = Terms(frozenset())
    assert allowed(somebody(), Action.GRANT, CITY, role(S, CITY), terms=nobody) is None
    second = Terms(second_person=True)
    with pytest.raises(SecondPersonRequiredError):
        decide(somebody(), [role(S)], Action.GRANT, CITY, NOW, context=CONTEXT, terms=second)
    assert allowed(somebody(), Action.GRANT, CITY, role(S, CITY), terms=second) is not None


@pytest.mark.parametrize(
    "other",
    [
        {"action": Action.ENROL},
        {"authority_id": OTHER},
        {"digest": "cd" * 32},
    ],
)
def test_an_approval_of_something_else_is_none(other: dict[str, object]) -> None:
    with pytest.raises(SecondPersonRequiredError):
        decide(
            somebody(),
            [role(R)],
            Action.MANAGE_SEAL,
            CITY,
            NOW,
            context=CONTEXT,
            digest=DIGEST,
            approval=approved(Action.MANAGE_SEAL, CITY, **other),
        )


@pytest.mark.parametrize(
    ("asked", "decided"),
    [
        ({"id:wang"}, {"id:wang"}),
        ({"id:system", "id:wang"}, {"id:wang"}),
        ({"id:wang"}, {"id:wang", "id:wang-as-was"}),
        ({"id:wang"}, set()),
    ],
)
def test_nobody_is_their_own_second_person(asked: set[str], decided: set[str]) -> None:
    approval = approved(
        Action.MANAGE_SEAL, CITY, requested_by=frozenset(asked), decided_by=frozenset(decided)
    )
    with pytest.raises(OwnRequestError):
        decide(
            somebody(),
            [role(R)],
            Action.MANAGE_SEAL,
            CITY,
            NOW,
            context=CONTEXT,
            digest=DIGEST,
            approval=approval,
        )


def test_absence_means_none() -> None:
    for action in Action:
        assert allowed(somebody(), action, CITY) is None
        assert allowed(somebody(known=False), action, CITY, role(M)) is None
        assert allowed(somebody(), action, CITY, role(M, of="wang"), role(S, of="wang")) is None


def test_who_is_not_on_record_has_no_role_whatever_is_handed_in() -> None:
    nobody = Assignment(None, M, None)  # type: ignore[arg-type]
    assert allowed(somebody(known=False), Action.READ, CITY, nobody) is None
    assert reach_of(somebody(known=False), [nobody], NOW, CONTEXT) == Reach()


def test_an_issuer_s_clock_may_be_a_minute_ahead() -> None:
    for ahead, holds in ((60, True), (61, False)):
        ran = allowed(somebody(ago=-timedelta(seconds=ahead)), Action.ENROL, CITY, role(R))
        assert (ran is not None) == holds


def test_bodies_above_and_after() -> None:
    assert list(BODIES.above(OLD)) == [CITY]
    assert list(BODIES.above(CITY)) == list(BODIES.above(AuthorityId("nowhere"))) == []
    assert list(BODIES.heirs(OLD)) == [OLD, NEW]
    assert KnownBody(CITY).in_being


def test_a_role_in_force_is_given_by_permits_for_people_alone() -> None:
    """Nobody who signed in gets a permit without their roles being looked at."""
    for action in Action:
        with pytest.raises(NotAllowedError):
            permit_for(Actor("id:li"), action)
        with pytest.raises(NotAllowedError):
            permit_for(Actor("provider:gov"), action)
    managing = Permit(Actor("id:li"), Action.MANAGE_OFFICERS, CITY)
    assert revoking_permit(managing) == Permit(Actor("id:li"), Action.CHANGE_CERTIFICATE)
    provider = provider_permit("gov")
    assert provider == Permit(Actor("provider:gov"), Action.PROVISION)
    assert revoking_permit(provider) == Permit(provider.actor, Action.CHANGE_CERTIFICATE)
    assert finishing_permit() == Permit(Actor("ca"), Action.CHANGE_CERTIFICATE)
    for action in set(Action) - {Action.MANAGE_OFFICERS, Action.PROVISION}:
        with pytest.raises(NotAllowedError):
            revoking_permit(Permit(Actor("id:li"), action))


def test_a_role_is_in_force_between_its_bounds() -> None:
    for since, until, holds in (
        (NOW, None, True),
        (NOW + timedelta(seconds=1), None, False),
        (None, NOW + timedelta(seconds=1), True),
        (None, NOW, False),
    ):
        held = role(S, CITY, since=since, until=until)
        assert (allowed(somebody(), Action.GRANT, CITY, held) is not None) == holds


def test_what_a_body_inherited_is_its_own() -> None:
    assert allowed(somebody(), Action.CHANGE_LICENCE, OLD, role(O, NEW)) is not None
    assert allowed(somebody(), Action.CHANGE_LICENCE, NEW, role(O, OLD)) is None
    assert allowed(somebody(), Action.CHANGE_LICENCE, OLD, role(O, OLD)) is None, "it is no more"
    assert allowed(somebody(), Action.CHANGE_LICENCE, GONE, role(O, GONE)) is None


def test_a_parent_reaches_its_children_as_administrator_alone() -> None:
    for child in (NEW, OLD):
        for held in Role:
            found = allowed(somebody(), Action.MANAGE_OFFICERS, child, role(held, CITY))
            assert (found is not None) == (held is M)
            assert (allowed(somebody(), Action.READ, child, role(held, CITY)) is None) == (
                held is not M
            )
    assert allowed(somebody(), Action.MANAGE_OFFICERS, CITY, role(M, NEW)) is None


def test_a_circle_of_bodies_ends() -> None:
    a, b = AuthorityId("a"), AuthorityId("b")
    circle = Bodies.of([KnownBody(a, parent=b, successor=b), KnownBody(b, parent=a, successor=a)])
    context = RightsContext(circle, CONTEXT.strong_acrs)
    assert allowed(somebody(), Action.READ, a, role(O, b), context=context) is not None
    assert allowed(somebody(), Action.READ, a, role(M, CITY), context=context) is None


def test_reach() -> None:
    def seen(*roles: Assignment) -> Reach:
        return reach_of(somebody(), roles, NOW, CONTEXT)

    assert seen() == Reach(frozenset())
    assert seen(role(O, NEW)) == Reach(frozenset({OLD, NEW}))
    assert seen(role(U, CITY)) == Reach(frozenset({CITY}))
    assert seen(role(M, CITY)) == Reach(frozenset({CITY, OLD, NEW}))
    assert seen(role(U)) == Reach(None, supervises=True)
    assert seen(role(U), role(M)) == Reach(None)
    emergency = replace(somebody(), way=SignInWay.BREAK_GLASS)
    assert reach_of(emergency, [role(M)], NOW, CONTEXT) == Reach(None, supervises=True)
    assert seen(role(U, of="wang")) == Reach(frozenset())
    assert reach_of(somebody(known=False), [role(U)], NOW, CONTEXT) == Reach(frozenset())
    assert not Reach(frozenset({CITY})).includes(None)
    assert not Reach(frozenset({CITY})).includes(OTHER)
    assert Reach(None).includes(None)
    assert set(BODIES.known) == {CITY, OLD, NEW, OTHER, GONE}
    assert ISSUER in CONTEXT.strong_acrs
