"""Packages taken in: what holds is recorded as what it is, what does not is refused by name."""

import dataclasses
import hashlib
import json
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_public_key
from cryptography.x509.oid import NameOID
from sqlalchemy import insert, update

from core.canonical import canonical_json
from core.errors import NotAllowedError, UnreachableError
from core.ids import AuthorityId
from registry.accession.container import read_container, write_container
from registry.accession.manifest import BadPackageError, FileEntry, read_manifest
from registry.accession.packing import PackageContents
from registry.accession.page_checks import check_metadata, check_seal_body
from registry.accession.rows import OtherAccessionError, find_by_digest, list_accessions
from registry.accession.taking_in import PackageIntake, TakenIn
from registry.audit.events import list_events
from registry.bodies.authorities import add_authority
from registry.db.database import Database
from registry.db.tables import accessions, register_facts, revisions
from registry.facts.register_id import REGISTRY_ID
from registry.model import Authority, ConflictError, LicenceState, SealLevel
from registry.objects.files import FileStore
from registry.objects.store import sha256_of
from registry.reconcile.accessions import check_accessions
from registry.types.metadata import FILE_NAME
from registry.types.types import parse_type
from signing.intake.intake import Intake
from signing.report import SignatureKind
from signing.sandbox import Sandbox
from signing.trust.anchors import TrustMaterial
from signing.workers.process import WorkerFailedError
from tests.clock import StoppedClock
from tests.permits import CHANGE_LICENCE, EXPORT_ARCHIVE, MANAGE_AUTHORITY, TAKE_OVER
from tests.registry.accession.test_packing import cancel
from tests.world import World, copy_world

INTAKE = Intake()
"""Its process starts with the first question and ends with the module."""
FORGER = ec.generate_private_key(ec.SECP256R1())


@dataclass(frozen=True)
class Sent:
    """A package of a licence that was cancelled, and what its receiver was given beside it."""

    package: bytes
    later: bytes
    """Of the same licence, in a later state."""
    signer: bytes
    root: bytes
    pdf: bytes
    clock: StoppedClock


@pytest.fixture(scope="module", autouse=True)
def reader() -> Iterator[None]:
    with INTAKE:
        yield


@pytest.fixture(scope="module")
def sent(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, sandbox: Sandbox) -> Sent:
    with copy_world(sqlite_template, tmp_path_factory.mktemp("sent"), sandbox=sandbox) as world:
        granted = world.grant()
        packer = world.home.open_packer()

        def pack() -> tuple[PackageContents, bytes]:
            contents = packer.gather(granted.licence.identifier, EXPORT_ARCHIVE)
            return contents, packer.close(contents, EXPORT_ARCHIVE)

        contents, package = pack()
        cancel(world, granted.licence.identifier)
        return Sent(
            package,
            pack()[1],
            contents.files["signer.pem"],
            world.home.hierarchy.root.public_bytes(Encoding.DER),
            granted.pdf,
            StoppedClock(world.clock.now() + timedelta(minutes=1)),
        )


@pytest.fixture
def intake(database: Database, sent: Sent, sandbox: Sandbox, tmp_path: Path) -> PackageIntake:
    """The intake of another register, on both engines in turn."""
    return receiver(database, sent, sandbox, tmp_path)


def receiver(
    database: Database, sent: Sent, sandbox: Sandbox, directory: Path, *, root: bool = True
) -> PackageIntake:
    anchors = (sent.root,) if root else ()
    return PackageIntake(
        database=database,
        store=FileStore(directory / "objects"),
        validator=sandbox,
        attachments=INTAKE,
        trust=lambda: TrustMaterial(anchors),
        signers=(load_pem_public_key(sent.signer), FORGER.public_key()),
        clock=sent.clock,
        random=secrets.token_bytes,
    )


def test_a_package_is_recorded_once_as_granted_elsewhere(
    intake: PackageIntake, database: Database, sent: Sent, tmp_path: Path
) -> None:
    judged = intake.judge(sent.package)
    with pytest.raises(NotAllowedError):
        intake.take_in(judged, CHANGE_LICENCE)
    assert intake.compare(judged) is TakenIn.TAKEN
    assert intake.take_in(judged, TAKE_OVER, "移交") is TakenIn.TAKEN
    assert intake.take_in(intake.judge(sent.package), TAKE_OVER) is TakenIn.KNOWN
    with database.reading() as connection:
        (one,) = list_accessions(connection)
        assert find_by_digest(connection, sha256_of(sent.pdf)) == one
        (told,) = list_events(connection, subject=one.accession_id)
    assert (one.grade, one.state, one.origin) == ("A", LicenceState.IN_FORCE, "package")
    assert one.identifier == judged.manifest.identifier
    assert (told.action, told.basis) == ("accession.added", "移交")
    assert set(told.after or {}) == {"origin", "grade", "sha256"}, "nothing of the holder"
    kept = FileStore(tmp_path / "objects").get(judged.accession.file_sha256)
    assert kept == sent.package


def test_a_later_package_takes_the_place_of_the_one_before_and_never_an_earlier_one(
    intake: PackageIntake, database: Database, sent: Sent
) -> None:
    earlier, later = intake.judge(sent.package), intake.judge(sent.later)
    intake.take_in(earlier, TAKE_OVER)
    sent.clock.advance(timedelta(days=1))
    assert intake.compare(later) is TakenIn.REFRESHED
    with pytest.raises(NotAllowedError):
        intake.take_in(later, CHANGE_LICENCE)
    assert intake.take_in(later, TAKE_OVER, "移交二") is TakenIn.REFRESHED
    assert intake.take_in(later, TAKE_OVER) is TakenIn.KNOWN
    with pytest.raises(OtherAccessionError, match="later package"):
        intake.take_in(earlier, TAKE_OVER)
    with database.reading() as connection:
        (one,) = list_accessions(connection)
        told = list_events(connection, subject=one.accession_id)
        assert list(check_accessions(connection)) == []
    assert one.state is LicenceState.CANCELLED
    actions = {(event.action, event.basis) for event in told}
    assert actions == {("accession.added", None), ("accession.refreshed", "移交二")}
    with database.writing() as connection:
        connection.execute(update(accessions).values(state="IN_FORCE"))
        assert len(list(check_accessions(connection))) == 1


def test_another_history_of_a_licence_takes_nobodys_place(
    intake: PackageIntake, sent: Sent
) -> None:
    """Whoever signs packages cannot leave out what was said before."""
    later = intake.judge(sent.later)
    manifest = later.manifest
    other = dataclasses.replace(manifest.as_of, hash="0" * 64)
    intake.take_in(intake.judge(sent.package), TAKE_OVER)
    for changed in (
        dataclasses.replace(later, manifest=dataclasses.replace(manifest, register="another")),
        dataclasses.replace(
            later,
            manifest=dataclasses.replace(
                manifest, revisions=(dataclasses.replace(manifest.revisions[0], sha256="0" * 64),)
            ),
        ),
        dataclasses.replace(later, events=later.events.splitlines(keepends=True)[-1]),
        dataclasses.replace(
            later,
            manifest=dataclasses.replace(manifest, as_of=dataclasses.replace(other, sequence=1)),
        ),
    ):
        with pytest.raises(OtherAccessionError):
            intake.take_in(changed, TAKE_OVER)


def test_a_licence_of_the_same_register_is_not_taken_in(
    intake: PackageIntake, database: Database, sent: Sent
) -> None:
    with database.writing() as connection:
        own = read_manifest(read_container(sent.package)["manifest.json"]).register
        connection.execute(insert(register_facts).values(name=REGISTRY_ID, value=own))
    with pytest.raises(ConflictError, match="may have lost records"):
        intake.judge(sent.package)


def test_an_authority_that_grants_here_has_no_licences_elsewhere(
    intake: PackageIntake, database: Database, sent: Sent
) -> None:
    uscc = json.loads(read_container(sent.package)["metadata.json"])["ZZBFJGDM"]
    record = Authority(AuthorityId("x"), "县局", uscc, SealLevel.PROVINCE, sent.clock.now())
    with database.writing() as connection:
        add_authority(connection, record, MANAGE_AUTHORITY)
    with pytest.raises(ConflictError, match="granted here alone"):
        intake.judge(sent.package)


def test_a_package_of_our_own_is_compared_with_the_register(world: World) -> None:
    """Also where it says that another register made it, and what is on record is another file."""
    home = world.home
    identifier = world.grant().licence.identifier
    packer = home.open_packer()
    contents = packer.gather(identifier, EXPORT_ARCHIVE)
    package = packer.close(contents, EXPORT_ARCHIVE)
    keys = (load_pem_public_key(contents.files["signer.pem"]), FORGER.public_key())
    intake = home.open_package_intake(keys, ())

    def elsewhere(files: dict[str, bytes]) -> None:
        manifest = read_manifest(files["manifest.json"])
        files["manifest.json"] = dataclasses.replace(manifest, register="another").encode()

    for one in (package, forged(package, elsewhere)):
        with pytest.raises(ConflictError, match="granted in this register"):
            intake.judge(one)
    with home.database.writing() as connection:
        connection.execute(update(revisions).values(sha256="0" * 64))
    with pytest.raises(BadPackageError) as refused:
        intake.judge(package)
    assert refused.value.flaw == "differs_from_register"


Change = Callable[[dict[str, bytes]], None]


def forged(package: bytes, change: Change, *, listed: bool = True, signed: bool = True) -> bytes:
    """Change files of a package; the manifest is made to fit, and signed by another pinned key."""
    files = read_container(package)
    change(files)
    manifest = read_manifest(files["manifest.json"])
    if listed:
        names = sorted(files.keys() - {"manifest.json", "manifest.sig"})
        entries = tuple(FileEntry.of(name, files[name]) for name in names)
        files["manifest.json"] = dataclasses.replace(manifest, files=entries).encode()
    if signed:
        files["manifest.sig"] = FORGER.sign(files["manifest.json"], ec.ECDSA(SHA256()))
    return write_container(files)


def put(name: str, data: bytes) -> Change:
    return lambda files: files.update({name: data})


def drop(name: str) -> Change:
    def change(files: dict[str, bytes]) -> None:
        del files[name]

    return change


def record(**life: object) -> Change:
    def change(files: dict[str, bytes]) -> None:
        value = json.loads(files["metadata.json"])
        value["ZZZT"].update(life)
        files["metadata.json"] = canonical_json(value)

    return change


def renamed(key: str, value: str) -> Change:
    def change(files: dict[str, bytes]) -> None:
        read = json.loads(files["metadata.json"])
        read[key] = value
        files["metadata.json"] = canonical_json(read)

    return change


def event(**facts: object) -> Change:
    def change(files: dict[str, bytes]) -> None:
        lines = files["events.jsonl"].splitlines()
        value = json.loads(lines[0])
        value.update(facts)
        lines[0] = canonical_json(value)
        files["events.jsonl"] = b"\n".join(lines) + b"\n"

    return change


def fewer_events(files: dict[str, bytes]) -> None:
    files["events.jsonl"] = b"\n".join(files["events.jsonl"].splitlines()[:-1]) + b"\n"


def other_page(files: dict[str, bytes]) -> None:
    pdf = files["document.pdf"]
    files["document.pdf"] = pdf[:2000] + bytes([pdf[2000] ^ 1]) + pdf[2001:]


REFUSED: list[tuple[str, Change, str]] = [
    ("a file is gone", drop("events.jsonl"), "file_missing"),
    ("the document is another", put("document.pdf", b"%PDF-1.7\n%%EOF\n"), "revisions"),
    ("a byte of the page", other_page, "revisions"),
    ("the record is none", put("metadata.json", b"{}"), "record"),
    ("a list for a record", put("metadata.json", b"[]"), "record"),
    ("nested without end", put("metadata.json", b"[" * 100_000), "record"),
    ("another state", record(state="CANCELLED"), "state"),
    ("a state that nobody has", record(state="GOOD"), "record"),
    ("a state of nothing sealed", record(state="VOID"), "record"),
    ("a grade that nobody has", record(grade="S"), "record"),
    ("another number's licence", renamed("ZZBS", "1.2.3"), "record"),
    ("another authority", renamed("ZZBFJGDM", "91990101MA1CAG8D5C"), "record"),
    ("a date that is none", renamed("ZZBFRQ", "2026-02-30"), "record"),
    ("another definition", put("type.toml", b"code = 1"), "record"),
    ("an event edited", event(basis="别的"), "events"),
    ("another licence's event", event(subject="1.2.3"), "events"),
    ("the last event gone", fewer_events, "events"),
    ("no event", put("events.jsonl", b""), "events"),
]


@pytest.mark.parametrize(
    ("change", "flaw"), [one[1:] for one in REFUSED], ids=[r[0] for r in REFUSED]
)
def test_what_does_not_hold_is_refused_by_name(
    empty: PackageIntake, sent: Sent, change: Change, flaw: str
) -> None:
    """Even where who packed it signs the manifest anew."""
    with pytest.raises(BadPackageError) as refused:
        empty.judge(forged(sent.package, change))
    assert refused.value.flaw == flaw


@pytest.fixture(scope="module")
def empty(sent: Sent, sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> PackageIntake:
    """An intake before whose register nothing comes."""
    directory = tmp_path_factory.mktemp("empty")
    database = Database(f"sqlite:///{directory / 'none.db'}")
    return receiver(database, sent, sandbox, directory)


def test_what_the_manifest_does_not_say_is_refused(empty: PackageIntake, sent: Sent) -> None:
    for change, flaw in (
        (put("more.txt", b"x"), "file_not_listed"),
        (put("README.txt", b"x"), "file_differs"),
        (drop("README.txt"), "file_missing"),
    ):
        with pytest.raises(BadPackageError) as refused:
            empty.judge(forged(sent.package, change, listed=False))
        assert refused.value.flaw == flaw
        with pytest.raises(BadPackageError) as unsigned:
            empty.judge(forged(sent.package, change, signed=False))
        assert unsigned.value.flaw == "signature"


def test_a_seal_under_no_given_root_is_refused(
    sent: Sent, sandbox: Sandbox, tmp_path: Path
) -> None:
    database = Database(f"sqlite:///{tmp_path / 'none.db'}")
    with pytest.raises(BadPackageError) as refused:
        receiver(database, sent, sandbox, tmp_path, root=False).judge(sent.package)
    assert refused.value.flaw == "seal_not_trusted"


def test_what_our_sandbox_could_not_judge_is_no_fault_of_the_package(
    sent: Sent, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database(f"sqlite:///{tmp_path / 'none.db'}")
    intake = receiver(database, sent, sandbox, tmp_path)

    def fails(worker: object, *_: object) -> None:
        raise WorkerFailedError("worker_died")

    monkeypatch.setattr("signing.sandbox._Worker.validate", fails)
    with pytest.raises(UnreachableError, match="our failure"):
        intake.judge(sent.package)


def test_a_document_under_a_seal_that_does_not_hold_is_refused(
    empty: PackageIntake, sent: Sent
) -> None:
    """Even where manifest and events were made to fit the other page."""
    files = read_container(sent.package)
    pdf = files["document.pdf"]
    other = pdf[:2000] + bytes([pdf[2000] ^ 1]) + pdf[2001:]
    text = files["events.jsonl"].decode().replace(sha256_of(pdf), sha256_of(other))
    lines, previous = [], None
    for line in text.splitlines():
        told = json.loads(line)
        del told["hash"]
        told["previous"] = previous or told["previous"]
        previous = hashlib.sha256(canonical_json(told)).hexdigest()
        lines.append(canonical_json(told | {"hash": previous}))
    manifest = read_manifest(files["manifest.json"])
    fitting = dataclasses.replace(
        manifest,
        as_of=dataclasses.replace(manifest.as_of, hash=str(previous)),
        revisions=(dataclasses.replace(manifest.revisions[0], sha256=sha256_of(other)),),
    )

    def change(files: dict[str, bytes]) -> None:
        files["document.pdf"], files["events.jsonl"] = other, b"\n".join(lines) + b"\n"
        files["manifest.json"] = fitting.encode()

    with pytest.raises(BadPackageError) as refused:
        empty.judge(forged(sent.package, change))
    assert refused.value.flaw == "seal"


@pytest.mark.parametrize(
    "edit", [{"subject": "1.2.3"}, {"sequence": 1}, {"sequence": "7"}], ids=str
)
def test_events_that_are_not_this_licences_are_refused(
    empty: PackageIntake, sent: Sent, edit: dict[str, object]
) -> None:
    """Even where their hashes and the manifest were made to fit."""
    files = read_container(sent.package)
    *lines, last = files["events.jsonl"].splitlines()
    told = json.loads(last) | edit
    del told["hash"]
    hashed = hashlib.sha256(canonical_json(told)).hexdigest()
    manifest = read_manifest(files["manifest.json"])
    sequence = told["sequence"] if isinstance(told["sequence"], int) else manifest.as_of.sequence
    as_of = dataclasses.replace(manifest.as_of, hash=hashed, sequence=sequence)

    def change(files: dict[str, bytes]) -> None:
        ended = canonical_json(told | {"hash": hashed})
        files["events.jsonl"] = b"\n".join([*lines, ended]) + b"\n"
        files["manifest.json"] = dataclasses.replace(manifest, as_of=as_of).encode()

    with pytest.raises(BadPackageError) as refused:
        empty.judge(forged(sent.package, change))
    assert refused.value.flaw == "events"


def face(value: str) -> Change:
    def change(files: dict[str, bytes]) -> None:
        read = json.loads(files["metadata.json"])
        read["KZXX"]["KZ_premises"] = value
        files["metadata.json"] = canonical_json(read)

    return change


def holder(**told: str) -> Change:
    def change(files: dict[str, bytes]) -> None:
        read = json.loads(files["metadata.json"])
        read["CZZTXX"][0].update(told)
        files["metadata.json"] = canonical_json(read)

    return change


def second_holder(files: dict[str, bytes]) -> None:
    read = json.loads(files["metadata.json"])
    read["CZZTXX"].append(read["CZZTXX"][0])
    files["metadata.json"] = canonical_json(read)


@pytest.mark.parametrize(
    "change",
    [
        renamed("ZZBH", "JY19901210000099"),
        renamed("ZZYXQJZRQ", "2099-01-01"),
        renamed("ZZYXQQSRQ", "2020-01-01"),
        renamed("ZZBFRQ", "2020-01-01"),
        renamed("ZZBFJG", "别的局"),
        holder(CZZT="另一家"),
        holder(CZZTDM="91990101MA1CAG8D5X"),
        second_holder,
        face("另一处"),
    ],
)
def test_a_record_that_says_what_was_not_sealed_is_refused(
    empty: PackageIntake, sent: Sent, change: Change
) -> None:
    """Whoever packs a licence cannot have it say something else."""
    with pytest.raises(BadPackageError) as refused:
        empty.judge(forged(sent.package, change))
    assert refused.value.flaw == "metadata_differs"


def test_metadata_that_cannot_be_read_prove_nothing(sent: Sent) -> None:
    files = read_container(sent.package)
    told, kind = json.loads(files["metadata.json"]), parse_type(files["type.toml"].decode())
    found = INTAKE.attachment(sent.pdf, FILE_NAME)
    assert found is not None
    check_metadata(told, kind, found)
    assert INTAKE.attachment(sent.pdf, "other.xml") is None
    assert INTAKE.attachment(b"%PDF-1.7 none", FILE_NAME) is None
    bomb = b'<!DOCTYPE x [<!ENTITY a "b">]>' + found.partition(b"?>")[2]
    for bad in (None, b"", b"<DZZZ>", bomb):
        with pytest.raises(BadPackageError) as refused:
            check_metadata(told, kind, bad)
        assert refused.value.flaw == "metadata"


def test_a_seal_is_of_the_authority_that_is_named(sent: Sent, sandbox: Sandbox) -> None:
    files = read_container(sent.package)
    told = json.loads(files["metadata.json"])
    at = sent.clock.now()
    report = sandbox.validate(sent.pdf, TrustMaterial((sent.root,)), at)
    (seal,) = (one for one in report.signatures if one.kind is SignatureKind.SEAL)
    check_seal_body(told, [seal], files)
    check_seal_body(told | {"ZZBFJG": "旧名"}, [seal], files)  # the code tells a body
    unnamed = dict.fromkeys(files, b"")
    other = told | {"ZZBFJGDM": "91990101MA1CAG8D5C"}
    for record, seals, given in (
        (other, [seal], files),
        (told, [seal], unnamed),
        (told, [], files),
    ):
        with pytest.raises(BadPackageError) as refused:
            check_seal_body(record, seals, given)
        assert refused.value.flaw == "seal_of_another"
    outside = certificate_of(told["ZZBFJG"])
    named = dataclasses.replace(seal, certificate_sha256=sha256_of(outside))
    held = {f"certificates/{sha256_of(outside)}.cer": outside}
    check_seal_body(told, [named], held)
    with pytest.raises(BadPackageError):
        check_seal_body(told, [dataclasses.replace(named, organization="别的局")], held)


def certificate_of(name: str) -> bytes:
    """Return a certificate as a CA outside may write one: the body by its name alone."""
    subject = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, name)])
    now = datetime(2026, 1, 1, tzinfo=UTC)
    builder = x509.CertificateBuilder(subject, subject, FORGER.public_key(), 1, now, now)
    return builder.sign(FORGER, SHA256()).public_bytes(Encoding.DER)
