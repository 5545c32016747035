"""What comes back from an offline root is hostile until every check has passed."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from ca.errors import ExchangeError
from ca.hierarchy.hierarchy import open_hierarchy
from ca.hierarchy.steps import NewCa
from ca.hierarchy.succession import Succession, names_of
from ca.issuers import FIRST_ISSUING, ROOT, IssuerState
from ca.ledger import CertificateState, RevocationReason
from ca.outside.adoption import Adoption
from ca.profiles.describe import fingerprint
from ca.profiles.profiles import ProfileKind
from ca.validation.anchors import read_anchors
from tests.ca.memory_ledger import Crash
from tests.ca.world import NAMES, ORGANIZATION, SECOND_ROOT, USCC, World, openssl
from tests.permits import CHANGE_CERTIFICATE, MANAGE_CA


@dataclass
class Sides:
    """An offline root, and a home that waits for it; one clock for both."""

    offline: World
    home: World
    folder: Path
    """What the root's last ceremony left."""

    @property
    def root_sha256(self) -> str:
        return fingerprint(self.offline.steps.get(ROOT).certificate or b"")

    def adopt(self, root_sha256: str | None = None) -> list[str]:
        adoption = Adoption(self.home.parts, self.home.keys, root_sha256)
        return [one.name for one in adoption.adopt(self.folder, permit=MANAGE_CA)]

    def write(self, name: str, data: bytes) -> None:
        (self.folder / name).write_bytes(data)

    def sign_crl(self) -> None:
        self.write("root.crl", self.offline.steps.crls(ROOT).publish())


def new_ca(world: World, *, parent: bool = True) -> NewCa:
    profile = world.parts.profiles[ProfileKind.ISSUING]
    subject = NAMES.subject("电子证照签发CA 1")
    return NewCa(
        FIRST_ISSUING, subject, profile, profile.algorithm, parent=ROOT if parent else None
    )


@pytest.fixture
def sides(tmp_path: Path) -> Sides:
    offline, home = World(), World()
    home.parts = replace(home.parts, clock=offline.clock)
    profile = offline.parts.profiles[ProfileKind.ROOT]
    root = NewCa(ROOT, NAMES.subject("电子证照根CA 1"), profile, profile.algorithm)
    made = offline.steps.make_root(root, permit=MANAGE_CA)
    home.steps.prepare_issuing(new_ca(home, parent=False), permit=MANAGE_CA)
    key = home.keys.keys[home.steps.get(FIRST_ISSUING).key_id].public_key
    issuing = offline.steps.certify_issuing(new_ca(offline), MANAGE_CA, key)
    folder = tmp_path / "back"
    folder.mkdir()
    sides = Sides(offline, home, folder)
    sides.write("root.cer", made.certificate or b"")
    sides.write("issuing-1.cer", issuing.certificate or b"")
    sides.sign_crl()
    return sides


def _furnish(world: World) -> None:
    names = lambda number: names_of(ORGANIZATION, USCC, number)  # noqa: E731
    Succession(world.parts, world.steps, names).furnish(permit=MANAGE_CA)


def test_a_home_is_founded_below_a_root_whose_key_it_never_saw(sides: Sides) -> None:
    adopted = sides.adopt(sides.root_sha256)
    assert adopted == ["root.cer", "issuing-1.cer", "root.crl"]
    assert sides.home.steps.get(FIRST_ISSUING).state is IssuerState.PREPARED
    _furnish(sides.home)
    hierarchy = open_hierarchy(sides.home.keys, sides.home.parts)
    seal = sides.home.seal(hierarchy)
    assert hierarchy.validation.for_seal(seal.public_bytes(Encoding.DER)).crls
    assert read_anchors(sides.home.ledger).roots == (sides.offline.steps.get(ROOT).certificate,)
    assert not sides.home.root_keys.keys
    assert sides.adopt() == []


def test_a_root_that_nobody_named_is_not_trusted(sides: Sides) -> None:
    with pytest.raises(ExchangeError, match="name it with --root-sha256"):
        sides.adopt()
    with pytest.raises(ExchangeError, match="not the one that --root-sha256 names"):
        sides.adopt("0" * 64)
    assert not sides.home.ledger.entries
    assert not read_anchors(sides.home.ledger).roots


def test_nothing_is_recorded_when_one_file_is_bad(sides: Sides) -> None:
    sides.write("zzz.crl", b"no CRL")
    with pytest.raises(ExchangeError, match="zzz"):
        sides.adopt(sides.root_sha256)
    assert not sides.home.ledger.entries


def _another_key(sides: Sides) -> None:
    other = World()
    other.found()
    sides.write("issuing-1.cer", other.steps.get(FIRST_ISSUING).certificate or b"")


def _other_key_same_root(sides: Sides) -> None:
    ca = new_ca(sides.offline)
    stranger = World()
    stranger.found()
    key = stranger.keys.keys[stranger.steps.get(FIRST_ISSUING).key_id].public_key
    del sides.offline.ledger.issuers[FIRST_ISSUING]
    made = sides.offline.steps.certify_issuing(ca, MANAGE_CA, key).certificate
    sides.write("issuing-1.cer", made or b"")


def _flipped(sides: Sides) -> None:
    data = bytearray((sides.folder / "issuing-1.cer").read_bytes())
    data[-1] ^= 1
    sides.write("issuing-1.cer", bytes(data))


def _crl_of_another(sides: Sides) -> None:
    other = World()
    other.found()
    sides.write("root.crl", other.ledger.latest_crl(ROOT) or b"")


def _future_crl(sides: Sides) -> None:
    sides.offline.clock.advance(timedelta(days=1))
    sides.sign_crl()
    sides.offline.clock.advance(timedelta(days=-1))


def _ended_crl(sides: Sides) -> None:
    sides.offline.clock.advance(timedelta(days=366))


def _huge(sides: Sides) -> None:
    sides.write("issuing-1.cer", b"0" * 100_000)


def _sm2(sides: Sides) -> None:
    key, pem = sides.folder / "key", sides.folder / "pem"
    openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:SM2", "-out", key)
    openssl("req", "-x509", "-new", "-key", key, "-sm3", "-subj", "/CN=root", "-out", pem)
    openssl("x509", "-in", pem, "-outform", "DER", "-out", sides.folder / "root.cer")


def _many(sides: Sides) -> None:
    for number in range(101):
        sides.write(f"{number}.cer", b"")


@pytest.mark.parametrize(
    "spoil",
    [_another_key, _other_key_same_root, _flipped, _crl_of_another, _future_crl, _ended_crl,
     _huge, _many, _sm2],
)  # fmt: skip
def test_what_does_not_fit_is_refused(spoil: Callable[[Sides], None], sides: Sides) -> None:
    spoil(sides)
    with pytest.raises(ExchangeError):
        sides.adopt(sides.root_sha256)
    assert not sides.home.ledger.entries


def test_an_older_crl_is_refused_and_a_newer_one_taken(sides: Sides) -> None:
    sides.adopt(sides.root_sha256)
    first = (sides.folder / "root.crl").read_bytes()
    sides.offline.clock.advance(timedelta(days=300))
    sides.sign_crl()
    assert sides.adopt() == ["root.crl"]
    sides.write("root.crl", first)
    with pytest.raises(ExchangeError, match=r"older|number"):
        sides.adopt()
    signed = sides.home.ledger.find_crl(ROOT)
    assert signed is not None
    assert signed.number == 2


def test_what_the_root_revoked_is_revoked_here(sides: Sides) -> None:
    sides.adopt(sides.root_sha256)
    serial = sides.home.steps.get(FIRST_ISSUING).x509.serial_number
    reason = RevocationReason.CA_COMPROMISE
    sides.offline.ledger.revoke(
        ROOT, serial, reason, sides.offline.clock.now(), permit=CHANGE_CERTIFICATE
    )
    epoch = sides.home.ledger.revocation_epoch()
    sides.sign_crl()
    sides.adopt()
    entry = sides.home.ledger.find(ROOT, serial)
    assert entry is not None
    assert (entry.state, entry.reason) == (CertificateState.REVOKED, reason)
    assert sides.home.ledger.revocation_epoch() > epoch


def test_what_the_root_says_worse_of_it_later_is_taken_too(sides: Sides) -> None:
    """Else the home would go on answering “superseded” of a CA whose key is in other hands."""
    sides.adopt(sides.root_sha256)
    serial, clock = sides.home.steps.get(FIRST_ISSUING).x509.serial_number, sides.offline.clock
    clock.at = first = clock.now().replace(microsecond=0) + timedelta(days=9)

    def taken(
        reason: RevocationReason, since: datetime | None = None
    ) -> tuple[datetime | None, RevocationReason | None, datetime | None]:
        sides.offline.ledger.revoke(
            ROOT, serial, reason, clock.now(), invalidity_at=since, permit=CHANGE_CERTIFICATE
        )
        sides.sign_crl()
        assert sides.adopt() == ["root.crl"]
        entry = sides.home.ledger.find(ROOT, serial)
        assert entry is not None
        return entry.revoked_at, entry.reason, entry.invalidity_at

    superseded, compromise = RevocationReason.SUPERSEDED, RevocationReason.CA_COMPROMISE
    assert taken(superseded) == (first, superseded, None)
    clock.advance(timedelta(days=9))
    later, dawn = first + timedelta(days=5), first - timedelta(days=5)
    assert taken(compromise, later) == (first, compromise, later)
    assert taken(compromise, dawn) == (first, compromise, dawn)


@pytest.mark.parametrize("since", [-5, 0, 5])
def test_since_when_the_roots_word_is_a_compromise_is_taken_at_once(
    sides: Sides, since: int
) -> None:
    """Where it lies after the revocation, which it says no more about, with the next list."""
    sides.adopt(sides.root_sha256)
    serial, clock = sides.home.steps.get(FIRST_ISSUING).x509.serial_number, sides.offline.clock
    clock.at = first = clock.now().replace(microsecond=0) + timedelta(days=9)
    ledger, at = sides.offline.ledger, first + timedelta(days=since)
    ledger.revoke(ROOT, serial, RevocationReason.SUPERSEDED, first, permit=CHANGE_CERTIFICATE)
    clock.advance(timedelta(days=9))
    ledger.revoke(
        ROOT,
        serial,
        RevocationReason.CA_COMPROMISE,
        clock.now(),
        invalidity_at=at,
        permit=CHANGE_CERTIFICATE,
    )
    found = []
    for _ in range(2):
        sides.sign_crl()
        assert sides.adopt() == ["root.crl"]
        entry = sides.home.ledger.find(ROOT, serial)
        assert entry is not None
        assert (entry.revoked_at, entry.reason) == (first, RevocationReason.CA_COMPROMISE)
        found.append(entry.invalidity_at)
    assert found == [at if since <= 0 else None, at]


def test_a_second_root_comes_in_by_the_first_s_signature_and_its_own_hash(sides: Sides) -> None:
    sides.adopt(sides.root_sha256)
    _furnish(sides.home)
    second = sides.offline.second_root()
    sides.write("root-2.cer", second.certificate or b"")
    cross = {
        "a.cer": sides.offline.steps.cross_certify(SECOND_ROOT, ROOT, permit=MANAGE_CA),
        "b.cer": sides.offline.steps.cross_certify(ROOT, SECOND_ROOT, permit=MANAGE_CA),
    }
    for name, data in cross.items():
        sides.write(name, data)
    with pytest.raises(ExchangeError):
        sides.adopt()
    adopted = sides.adopt(fingerprint(second.certificate or b""))
    assert sorted(adopted) == ["a.cer", "b.cer", "root-2.cer"]
    anchors = read_anchors(sides.home.ledger)
    assert len(anchors.roots) == 2
    assert set(cross.values()) <= set(anchors.certificates)


def test_an_adoption_that_dies_at_any_write_can_be_repeated(sides: Sides) -> None:
    fatal = 0
    while True:
        countdown = fatal

        def die(_method: str, _moment: str) -> None:
            nonlocal countdown
            countdown -= 1
            if countdown < 0:
                raise Crash

        sides.home.ledger.on_write = die
        try:
            sides.adopt(sides.root_sha256)
        except Crash:
            fatal += 1
        else:
            break
    sides.home.ledger.on_write = lambda _method, _moment: None
    assert fatal > 3
    _furnish(sides.home)
    issuers = sides.home.ledger.issuers
    assert issuers[FIRST_ISSUING].state is IssuerState.ACTIVE
    entry = sides.home.ledger.find(
        ROOT,
        x509.load_der_x509_certificate(issuers[FIRST_ISSUING].certificate or b"").serial_number,
    )
    assert entry is not None
    assert entry.state is CertificateState.ISSUED
