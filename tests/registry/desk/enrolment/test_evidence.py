"""Evidence of an enrolment, each piece wrong by itself: nothing is certified by it."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
)

from ca.errors import BadRequestError
from ca.profiles.profiles import ProfileKind
from core.errors import NotAllowedError, XinyinError
from core.ids import AuthorityId
from identity.tokens.refusals import Refusal, TokenRefusedError
from keys.algorithms import UnsupportedKeyError, sign_with
from registry.desk.enrolment.evidence import EnrolmentEvidence
from tests.identity.tokens.forge import ec_key
from tests.registry.desk.enrolment.enroller import SERVER, Bureau, Officer, spki_of
from tests.world import World


@pytest.fixture
def bureau(sqlite_world: World) -> Bureau:
    return Bureau(sqlite_world)


def refusal(bureau: Bureau, evidence: EnrolmentEvidence) -> Refusal | type[XinyinError]:
    with pytest.raises(XinyinError) as raised:
        bureau.check.verify(evidence)
    error = raised.value
    return error.reason if isinstance(error, TokenRefusedError) else type(error)


def test_each_condition_on_its_own(bureau: Bureau) -> None:
    li = bureau.officer()
    now = int(bureau.world.clock.now().timestamp())
    proven = bureau.check.verify(li.evidence())
    assert (proven.identity.pin.sub, proven.identity.name) == ("u-17", "李样")
    assert bureau.check.verify(li.evidence(without=("at_hash",))).parts is None
    cases: dict[str, tuple[EnrolmentEvidence, object]] = {
        "device flow": (li.evidence(without=("nonce",)), Refusal.NO_NONCE),
        "another nonce": (li.evidence(nonce="n-1"), Refusal.WRONG_NONCE),
        "the browser's client": (li.evidence(aud="desk"), Refusal.WRONG_AUDIENCE),
        "two clients": (li.evidence(aud=["enrol", "desk"]), Refusal.FOREIGN_AUDIENCE),
        "another's party": (li.evidence(azp="desk"), Refusal.WRONG_AUTHORIZED_PARTY),
        "another issuer": (li.evidence(iss="https://other.example"), Refusal.WRONG_ISSUER),
        "another's key": (li.evidence(by=ec_key("theirs")), Refusal.BAD_SIGNATURE),
        "old sign-in": (li.evidence(auth_time=now - 700), Refusal.AUTH_TOO_OLD),
        "no time": (li.evidence(without=("auth_time",)), Refusal.NO_AUTH_TIME),
        "weak": (li.evidence(acr="urn:example:one"), Refusal.WRONG_ACR),
        "no acr": (li.evidence(without=("acr",)), Refusal.WRONG_ACR),
        "over": (li.evidence(iat=now - 900, exp=now - 100), Refusal.EXPIRED),
        "nameless": (li.evidence(without=("name",)), NotAllowedError),
        "not an officer's": (li.evidence(profile=ProfileKind.SEAL), BadRequestError),
    }
    told = {case: refusal(bureau, evidence) for case, (evidence, _) in cases.items()}
    assert told == {case: why for case, (_, why) in cases.items()}
    assert refusal(replace(bureau, strong=()), li.evidence()) == Refusal.WRONG_ACR


def test_the_sign_in_commits_to_all_that_is_asked(bureau: Bureau) -> None:
    """Whoever has the token can change nothing, even holding a key of their own."""
    li, theirs = bureau.officer(), ec.generate_private_key(ec.SECP256R1())
    good = li.evidence()
    changes: dict[str, Callable[[EnrolmentEvidence], EnrolmentEvidence]] = {
        "key": lambda one: replace(one, spki=spki_of(theirs)),
        "profile": lambda one: replace(one, profile=ProfileKind.OFFICER),
        "authority": lambda one: replace(one, authority_id=AuthorityId("yunze-housing")),
        "challenge": lambda one: replace(one, challenge="another"),
        "moved": lambda one: replace(  # the same letters in a row, divided elsewhere
            one,
            profile=ProfileKind.OFFICER,
            authority_id=AuthorityId(f"-short{one.authority_id}"),
        ),
    }
    for what, change in changes.items():
        assert refusal(bureau, change(good)) == BadRequestError, what
        changed = change(good)
        key = theirs if what == "key" else li.key
        signed = sign_with(key, changed.commitment(SERVER).statement)
        assert refusal(bureau, replace(changed, possession=signed)) == Refusal.WRONG_NONCE, what
    at_another = sign_with(li.key, good.commitment("https://other.example").statement)
    assert refusal(bureau, replace(good, possession=at_another)) == BadRequestError


def test_the_key_itself_must_ask(bureau: Bureau) -> None:
    """A signature by another key, or of something else, is no proof; nor is its own nonce."""
    li, theirs = bureau.officer(), ec.generate_private_key(ec.SECP256R1())
    good = li.evidence()
    statement = good.commitment(SERVER).statement
    for wrong in (
        sign_with(theirs, statement),
        sign_with(li.key, good.commitment(SERVER).nonce.encode()),
        sign_with(li.key, hashlib.sha256(statement).digest()),
        b"",
    ):
        assert refusal(bureau, replace(good, possession=wrong)) == BadRequestError


def test_keys_that_are_none(bureau: Bureau) -> None:
    li = bureau.officer()
    good = li.evidence()
    for spki in (b"", b"\x30\x00", good.spki + b"\0", good.spki[:-1], b"\x30\x80" + good.spki[2:]):
        assert refusal(bureau, replace(good, spki=spki)) == BadRequestError
    # Another way to write the same key: its digest would be another one's.
    point = li.key.public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
    compressed = bytes.fromhex("3039301306072a8648ce3d020106082a8648ce3d030107032200") + point
    assert load_der_public_key(compressed) == li.key.public_key()
    other = replace(good, spki=compressed)
    signed = sign_with(li.key, other.commitment(SERVER).statement)
    assert refusal(bureau, replace(other, possession=signed)) == BadRequestError
    for weak in (rsa.generate_private_key(65537, 2048), ec.generate_private_key(ec.SECP521R1())):
        changed = replace(good, spki=spki_of(weak))
        assert refusal(bureau, changed) == UnsupportedKeyError


def test_a_name_is_divided_as_the_provider_divides_it(bureau: Bureau) -> None:
    li = bureau.officer(name="欧阳样")

    def parts(**claims: object) -> tuple[str, str] | None:
        return bureau.check.verify(li.evidence(**claims)).parts  # type: ignore[arg-type]

    assert parts(family_name="欧阳", given_name="样") == ("欧阳", "样")
    assert parts(family_name="欧", given_name="阳样") == ("欧", "阳样")
    for claims in (
        {"family_name": "王", "given_name": "样"},
        {"family_name": "欧阳样"},
        {"family_name": "", "given_name": "欧阳样"},
        {"family_name": ["欧阳"], "given_name": "样"},
    ):
        assert parts(**claims) is None
    smith: Officer = bureau.officer("u-18", "Ann Smith")
    told = smith.evidence(family_name="Smith", given_name="Ann")
    assert bureau.check.verify(told).parts == ("Smith", "Ann")


def test_a_clock_that_differs_a_little(bureau: Bureau) -> None:
    li = bureau.officer()
    evidence = li.evidence()
    bureau.world.clock.advance(-timedelta(seconds=50))
    bureau.check.verify(evidence)
    bureau.world.clock.advance(-timedelta(seconds=30))
    assert refusal(bureau, evidence) in (Refusal.ISSUED_IN_FUTURE, Refusal.AUTH_IN_FUTURE)


def test_evidence_that_was_kept_is_the_same(bureau: Bureau) -> None:
    evidence = bureau.officer().evidence()
    kept = evidence.kept()
    assert EnrolmentEvidence.of(kept) == evidence
    for wrong in (
        {**kept, "profile": "king"},
        {**kept, "spki": "!"},
        {**kept, "possession": 3},
        {key: value for key, value in kept.items() if key != "id_token"},
    ):
        with pytest.raises(BadRequestError):
            EnrolmentEvidence.of(wrong)
