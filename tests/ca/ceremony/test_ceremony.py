"""Ceremonies: judged whole, agreed step by step, on record, and finished wherever they were cut."""

import tomllib
from collections.abc import Callable
from pathlib import Path
from unittest import mock

import pytest
from cryptography import x509

import ca.ceremony.ceremony
from ca.ceremony.ceremony import (
    TRANSCRIPT,
    CeremonyDeclinedError,
    CeremonyRun,
    Conduct,
    rehearse,
    verify_transcript,
)
from ca.ceremony.file import CeremonyFile, parse_ceremony, read_ceremony
from ca.ceremony.rehearsal import rehearsal_desk
from ca.ceremony.steps import CeremonyDesk
from ca.errors import (
    BadCeremonyError,
    BadProfileError,
    BadSubjectError,
    CeremonyChangedError,
    ExchangeError,
    TranscriptError,
)
from ca.issuers import FIRST_ISSUING, ROOT
from ca.ledger import CertificateState
from ca.outside.exchange import REQUEST, CaRequest, make_csr, write_request
from ca.profiles.describe import fingerprint
from core.files import write_atomically
from core.ids import KeyId
from keys.model import KeyAlgorithm, KeyInfo, KeyPurpose
from tests.ca.memory_ledger import Crash
from tests.ca.world import NAMES, MemoryKeyStore, World, openssl, pem
from tests.permits import MANAGE_CA

EXAMPLES = Path(__file__).parents[3] / "examples" / "ceremonies"
HEAD = """
[ceremony]
id = "founding"
title = "密钥仪式"
place = "机房"
on = 2026-12-01
organization = "某某省政务服务数据管理局"
uscc = "11370000004504644L"
pki_url = "http://pki.example.gov.cn"
[[participant]]
name = "样本甲"
role = "主持人"
[[witness]]
name = "样本丙"
role = "见证人"
"""
MAKE_ROOT = '[[step]]\ndo = "make-root"\nissuer = "root"\nname = "根证书 1"\n'
CERTIFY = '[[step]]\ndo = "certify-issuing"\nissuer = "issuing-1"\nname = "签发证书 1"\n'
SIGN_CRL = '[[step]]\ndo = "sign-crl"\nissuer = "root"\n'
CONDUCT = Conduct("tester", "xinyin test")


def write(directory: Path, *steps: str, head: str = HEAD) -> CeremonyFile:
    """Write a ceremony and read it."""
    path = directory / "ceremony.toml"
    path.write_text(head + "".join(steps), "utf-8")
    return read_ceremony(path)


def desk_of(world: World, directory: Path, *, offline: bool = False) -> CeremonyDesk:
    """Return a desk in the world."""
    return CeremonyDesk(
        world.parts, world.root_keys, None if offline else world.keys, directory / "ceremonies"
    )


def agree(*_: object) -> bool:
    """Agree to everything."""
    return True


def request_file(world: World, directory: Path, **changed: object) -> str:
    """Write a request of an issuing CA whose key is elsewhere; return the step that takes it."""
    world.keys.generate(KeyId("issuing-1"), KeyPurpose.ISSUING_CA, KeyAlgorithm.ECDSA_P384)
    signer = world.keys.open(KeyId("issuing-1"), KeyPurpose.ISSUING_CA)
    csr = make_csr(NAMES.subject("无人理会的名称"), signer)
    asked = CaRequest.of(
        FIRST_ISSUING, "http://pki.example.gov.cn", world.clock.now(), csr=csr, crl_number=None
    ).model_copy(update=changed)
    written = write_request(directory / "request", asked, signer, csr)
    return f'{CERTIFY}request = "request"\nrequest_sha256 = "{written[REQUEST]}"\n'


def _watch(store: MemoryKeyStore, tick: Callable[[], None]) -> None:
    generate = store.generate

    def generating(key_id: KeyId, purpose: KeyPurpose, algorithm: KeyAlgorithm) -> KeyInfo:
        tick()
        made = generate(key_id, purpose, algorithm)
        tick()  # the key is there, and nothing knows of it
        return made

    store.generate = generating  # type: ignore[method-assign]


def ticking(world: World, fatal: int) -> Callable[[], None]:
    """Return what counts every write of ledger, keys and transcript, and dies at one of them."""
    count = -1

    def tick() -> None:
        nonlocal count
        count += 1
        if count == fatal:
            raise Crash

    world.ledger.on_write = lambda _method, _moment: tick()
    for store in (world.root_keys, world.keys):
        _watch(store, tick)
    return tick


def run_dying(world: World, file: CeremonyFile, directory: Path, fatal: int) -> None:
    tick = ticking(world, fatal)

    def writing(path: Path, data: bytes, **options: object) -> None:
        tick()
        write_atomically(path, data, **options)  # type: ignore[arg-type]
        tick()

    with mock.patch.object(ca.ceremony.ceremony, "write_atomically", writing):
        CeremonyRun(file, desk_of(world, directory), CONDUCT).run(agree, permit=MANAGE_CA)


MOMENTS = 48
"""At which a ceremony of three steps can die; a test holds that there are no more."""


@pytest.mark.parametrize("fatal", range(MOMENTS))
def test_a_ceremony_that_dies_anywhere_is_finished_by_the_same_file(
    fatal: int, tmp_path: Path
) -> None:
    world = World()
    file = write(tmp_path, MAKE_ROOT, CERTIFY, SIGN_CRL)
    try:
        run_dying(world, file, tmp_path, fatal)
    except Crash:
        pass
    else:
        pytest.fail(f"there are only {fatal} moments")
    keys = dict(world.root_keys.keys)
    del world.root_keys.generate, world.keys.generate
    world.ledger.on_write = lambda _method, _moment: None
    run = CeremonyRun(file, desk_of(world, tmp_path), CONDUCT)
    run.run(agree, permit=MANAGE_CA)
    assert verify_transcript(run.directory / TRANSCRIPT).is_closed
    assert keys.items() <= world.root_keys.keys.items()
    issued = [e for e in world.ledger.entries.values() if e.state is CertificateState.ISSUED]
    assert sorted(e.intent.profile for e in issued) == ["issuing", "root"]
    assert [one.issuer for one in world.ledger.crls] == [ROOT]
    told = [entry.get("step") for entry in run.transcript.entries if entry.kind == "done"]
    assert len(told) == len(set(told)) == 3


def test_there_is_no_moment_beyond_those_tested(tmp_path: Path) -> None:
    world = World()
    run_dying(world, write(tmp_path, MAKE_ROOT, CERTIFY, SIGN_CRL), tmp_path, MOMENTS)


def test_an_offline_root_takes_only_the_key_from_a_request(tmp_path: Path) -> None:
    world = World()
    certify = request_file(world, tmp_path)
    file = write(tmp_path, MAKE_ROOT, certify, SIGN_CRL)
    run = CeremonyRun(file, desk_of(world, tmp_path, offline=True), CONDUCT)
    run.run(agree, permit=MANAGE_CA)
    made = x509.load_der_x509_certificate((run.directory / "issuing-1.cer").read_bytes())
    assert "CN=签发证书 1" in made.subject.rfc4514_string()
    assert made.public_key() == world.keys.keys[KeyId("issuing-1")].public_key
    root = x509.load_der_x509_certificate((run.directory / "root.cer").read_bytes())
    anchor, leaf = pem(tmp_path / "anchor", root), pem(tmp_path / "leaf", made)
    assert "OK" in openssl("verify", "-x509_strict", "-CAfile", anchor, leaf)
    (started,) = [e for e in run.transcript.entries if e.kind == "started" and e.get("request-key")]
    assert str(started.get("request-sha256")) in certify


def test_a_rehearsal_makes_everything_and_keeps_nothing(tmp_path: Path) -> None:
    world = World()
    CeremonyRun(write(tmp_path, MAKE_ROOT), desk_of(world, tmp_path), CONDUCT).run(
        agree, permit=MANAGE_CA
    )
    root, keys = world.ledger.issuers[ROOT], dict(world.root_keys.keys)
    world.root_keys.opened.clear()
    file = write(tmp_path, CERTIFY, SIGN_CRL, head=HEAD.replace('"founding"', '"second"'))
    copy = World()
    copy.ledger.issuers[ROOT] = root
    copy.clock = world.clock
    made = rehearse(
        file, rehearsal_desk(desk_of(copy, tmp_path / "x"), permit=MANAGE_CA), permit=MANAGE_CA
    )
    assert [list(one.files) for _, one in made] == [["issuing-1.cer"], ["root.crl"]]
    certificate = x509.load_der_x509_certificate(made[0][1].files["issuing-1.cer"])
    assert certificate.issuer == root.x509.subject
    assert world.root_keys.keys == keys
    assert world.root_keys.opened == []
    assert not (tmp_path / "x").exists()


def test_a_changed_file_is_refused_and_an_id_serves_once(tmp_path: Path) -> None:
    world = World()
    CeremonyRun(write(tmp_path, MAKE_ROOT), desk_of(world, tmp_path), CONDUCT).run(
        agree, permit=MANAGE_CA
    )
    with pytest.raises(CeremonyChangedError):
        CeremonyRun(write(tmp_path, MAKE_ROOT, SIGN_CRL), desk_of(world, tmp_path), CONDUCT)


def test_a_step_that_is_declined_makes_nothing_and_can_be_agreed_to_later(tmp_path: Path) -> None:
    world, file = World(), write(tmp_path, MAKE_ROOT, SIGN_CRL)
    with pytest.raises(CeremonyDeclinedError):
        CeremonyRun(file, desk_of(world, tmp_path), CONDUCT).run(lambda *_: False, permit=MANAGE_CA)
    assert not world.root_keys.keys
    with pytest.raises(CeremonyDeclinedError):
        CeremonyRun(file, desk_of(world, tmp_path), CONDUCT).run(
            lambda n, *_: n == 1, permit=MANAGE_CA
        )
    assert list(world.root_keys.keys) == ["root"]
    CeremonyRun(file, desk_of(world, tmp_path), CONDUCT).run(agree, permit=MANAGE_CA)
    assert [one.issuer for one in world.ledger.crls] == [ROOT]


def test_a_root_that_is_there_is_not_made_again_by_another_ceremony(tmp_path: Path) -> None:
    world = World()
    CeremonyRun(write(tmp_path, MAKE_ROOT), desk_of(world, tmp_path), CONDUCT).run(
        agree, permit=MANAGE_CA
    )
    again = write(tmp_path, MAKE_ROOT, head=HEAD.replace('"founding"', '"again"'))
    with pytest.raises(BadCeremonyError, match="there already"):
        CeremonyRun(again, desk_of(world, tmp_path), CONDUCT).run(agree, permit=MANAGE_CA)


def test_a_replaced_file_beside_the_transcript_is_noticed(tmp_path: Path) -> None:
    world = World()
    run = CeremonyRun(write(tmp_path, MAKE_ROOT), desk_of(world, tmp_path), CONDUCT)
    run.run(agree, permit=MANAGE_CA)
    (run.directory / "root.cer").write_bytes(b"another")
    with pytest.raises(TranscriptError, match=r"root\.cer"):
        verify_transcript(run.directory / TRANSCRIPT)


def test_the_transcript_s_hash_can_be_signed_with_openssl(tmp_path: Path) -> None:
    world = World()
    run = CeremonyRun(write(tmp_path, MAKE_ROOT), desk_of(world, tmp_path), CONDUCT)
    run.run(agree, permit=MANAGE_CA)
    key, signature = tmp_path / "witness.pem", tmp_path / "signature"
    openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", key)
    path = run.directory / TRANSCRIPT
    openssl("dgst", "-sha256", "-sign", key, "-out", signature, path)
    public = tmp_path / "witness.pub"
    openssl("pkey", "-in", key, "-pubout", "-out", public)
    told = openssl("dgst", "-sha256", "-verify", public, "-signature", signature, path)
    assert "Verified OK" in told


@pytest.mark.parametrize(
    ("steps", "error"),
    [
        ([CERTIFY], BadCeremonyError),
        ([SIGN_CRL], BadCeremonyError),
        ([MAKE_ROOT, MAKE_ROOT], BadCeremonyError),
        ([MAKE_ROOT, SIGN_CRL, SIGN_CRL + "# again\n"], BadCeremonyError),
        ([MAKE_ROOT.replace("根证书 1", "a\u200bb")], BadCeremonyError),
        ([MAKE_ROOT.replace("根证书 1", "根" * 65)], BadSubjectError),
        ([MAKE_ROOT + "validity_days = 99999\n"], BadProfileError),
        ([MAKE_ROOT + "validity_day = 100\n"], BadCeremonyError),
        ([MAKE_ROOT + 'algorithm = "rsa-512"\n'], BadCeremonyError),
        ([MAKE_ROOT, CERTIFY + 'policies = ["x"]\n'], BadProfileError),
        ([MAKE_ROOT, CERTIFY + 'request = "../elsewhere"\n'], BadCeremonyError),
        ([MAKE_ROOT, CERTIFY + 'request = "request"\n'], BadCeremonyError),
        ([MAKE_ROOT.replace("make-root", "make-coffee")], BadCeremonyError),
        ([MAKE_ROOT, SIGN_CRL + 'revoke = [{certificate="x", reason="superseded"}]\n'],
         BadCeremonyError),
        ([], BadCeremonyError),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_refused_before_anything_is_made(
    steps: list[str], error: type[Exception], tmp_path: Path
) -> None:
    world = World()
    with pytest.raises(error):
        CeremonyRun(write(tmp_path, *steps), desk_of(world, tmp_path), CONDUCT).run(
            agree, permit=MANAGE_CA
        )
    assert not world.root_keys.keys
    assert not (tmp_path / "ceremonies").exists()


@pytest.mark.parametrize("flaw", ["json", "signature", "csr", "sha256", "pki_url", "issuer"])
def test_a_request_that_was_tampered_with_is_refused(flaw: str, tmp_path: Path) -> None:
    world = World()
    changed: dict[str, object] = {
        "pki_url": {"pki_url": "http://other.example.gov.cn"},
        "issuer": {"issuer": "issuing-9"},
    }.get(flaw, {})  # type: ignore[assignment]
    certify = request_file(world, tmp_path, **changed)
    request = tmp_path / "request"
    encoded = (request / REQUEST).read_bytes()
    if flaw in {"json", "signature"}:
        (request / REQUEST).write_bytes(encoded.replace(b"null", b"7"))
    if flaw == "json":
        certify = certify.replace(fingerprint(encoded), fingerprint(encoded + b" "))
    elif flaw == "signature":
        certify = certify.replace(
            fingerprint(encoded), fingerprint((request / REQUEST).read_bytes())
        )
    elif flaw == "csr":
        other = World()
        other.keys.generate(KeyId("x"), KeyPurpose.ISSUING_CA, KeyAlgorithm.ECDSA_P384)
        signer = other.keys.open(KeyId("x"), KeyPurpose.ISSUING_CA)
        (request / "request.csr").write_bytes(make_csr(NAMES.subject("x"), signer))
    elif flaw == "sha256":
        certify = certify.replace('sha256 = "', 'sha256 = "0')[:-3] + '"\n'
    with pytest.raises((ExchangeError, BadCeremonyError)):
        CeremonyRun(
            write(tmp_path, MAKE_ROOT, certify), desk_of(world, tmp_path, offline=True), CONDUCT
        )


def test_an_offline_root_makes_no_keys_of_issuing_cas(tmp_path: Path) -> None:
    with pytest.raises(BadCeremonyError, match="request"):
        CeremonyRun(
            write(tmp_path, MAKE_ROOT, CERTIFY), desk_of(World(), tmp_path, offline=True), CONDUCT
        )


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.toml")), ids=lambda path: path.stem)
def test_the_examples_can_be_read(path: Path) -> None:
    ceremony = parse_ceremony(tomllib.loads(path.read_text("utf-8")), path)
    assert ceremony.step
