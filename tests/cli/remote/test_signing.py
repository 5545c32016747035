"""The officer's machine: it signs the page that it showed, or nothing."""

import base64
import re
from pathlib import Path

import pytest
from cryptography import x509

from ca.profiles.profiles import ProfileKind
from cli.remote.officer_keys import OfficerKeys, name_for
from cli.remote.signing import NotThePageError, read_certificate_file, read_page, refuse_other_key
from core.errors import UsageError
from core.ids import IdentityId, KeyId
from keys.model import KeyNotFoundError, Signer
from signing.errors import UnsuitablePageError
from signing.levels import PadesLevel
from signing.sealing.person_form import read_empty_page, to_be_signed
from tests.ca.world import pem
from tests.cli.commands import xinyin
from tests.cli.conftest import own, shared
from tests.cli.remote.test_enrol import Terminal, terminal
from tests.cli.remote.test_login import CommandLine
from tests.issuing_api.conftest import desk
from tests.issuing_api.desk import RunningDesk
from tests.issuing_api.routes.test_signatures import approved, certify
from tests.signing.sealing.person_world import Officer
from tests.signing.sealing.sealing_world import IDENTIFIER, request, sealed, world

__all__ = ["desk", "own", "shared", "terminal"]


def told(page: bytes, octets: bytes, identifier: str = IDENTIFIER) -> dict[str, object]:
    return {
        "identifier": identifier,
        "document": base64.b64encode(page).decode(),
        "to_be_signed": base64.b64encode(octets).decode(),
    }


@pytest.fixture(scope="module")
def officer() -> Officer:
    return Officer(world())


def test_what_is_signed_is_made_of_the_page(officer: Officer) -> None:
    page = officer.prepare(request())
    octets = to_be_signed(page, officer.certificate)
    read = read_page(told(page, octets), officer.certificate)
    assert (read.pdf, read.octets, read.identifier) == (page, octets, IDENTIFIER)


def test_a_server_that_asks_for_something_else_gets_nothing(officer: Officer) -> None:
    page, own = officer.prepare(request()), officer.certificate
    other = Officer(world(), ProfileKind.OFFICER)
    octets = to_be_signed(page, own)
    answers: tuple[dict[str, object], ...] = (
        told(page, b"a contract over everything"),
        told(page, to_be_signed(other.prepare(request()), own)),
        told(page, to_be_signed(page, other.certificate)),
        told(page, octets, "1.2.156.3005.2.another"),
        told(page, octets, ""),
        told(page, octets) | {"document": "%%%"},
        {"identifier": IDENTIFIER},
    )
    for answer in answers:
        with pytest.raises(NotThePageError):
            read_page(answer, own)
    for pdf in (sealed(PadesLevel.B_LT).pdf, officer.signed(request())):
        with pytest.raises(UnsuitablePageError):
            read_page(told(pdf, octets), own)


def own_key(folder: Path) -> tuple[Signer, Path]:
    """Make an officer's key in a folder of theirs; return it, and where its passphrase is."""
    passphrase = folder / "passphrase"
    passphrase.write_bytes(b"a passphrase of mine")
    passphrase.chmod(0o600)
    keys = OfficerKeys(folder / "config", "software:", passphrase, None)
    return keys.open(KeyId("own")), passphrase


def test_key_and_certificate_belong_together(officer: Officer, tmp_path: Path) -> None:
    signer, _ = own_key(tmp_path)
    assert signer.info.key_id == "own"
    with pytest.raises(UsageError):
        refuse_other_key(signer, officer.certificate)


def test_certificates_in_either_form(officer: Officer, tmp_path: Path) -> None:
    certificate = x509.load_der_x509_certificate(officer.certificate)
    encoded = pem(tmp_path / "own.pem", certificate).read_bytes()
    assert read_certificate_file(encoded) == officer.certificate
    assert read_certificate_file(officer.certificate) == officer.certificate
    with pytest.raises(UsageError):
        read_certificate_file(b"none")


def test_by_the_key_that_was_enrolled(terminal: Terminal, tmp_path: Path) -> None:
    """Nothing is named but the request: key and certificate are this server's and authority's."""
    assert terminal.sign_in("zhao").code == 0
    request_id = approved(terminal.desk).rpartition("/")[2]
    sign = (
        *("request", "sign", request_id, "--passphrase-file", terminal.passphrase),
        *("--out", tmp_path / "to-sign.pdf", "--yes"),
    )
    before = terminal.run(*sign)
    assert (before.code, f"xinyin enrol --authority {terminal.authority}" in before.err) == (
        2,
        True,
    )
    enrolled = terminal.enrol("--json")
    assert enrolled.code == 0, enrolled.err
    elsewhere = OfficerKeys(terminal.config, "software:", None, None)
    name = name_for(terminal.authority)
    kept = elsewhere.certificate(name, terminal.desk.url)
    assert kept == Path(enrolled.json["certificate"])
    assert kept != elsewhere.certificate(name, "https://another.example")
    ran = terminal.run(*sign)
    assert ran.code == 0, ran.err
    ran = terminal.run("request", "carry-out", request_id, "--out", tmp_path / "licence.pdf")
    assert ran.code == 0, ran.err
    told = xinyin("verify", tmp_path / "licence.pdf", "--home", terminal.desk.home.directory)
    assert told.code == 0, told.err
    issuer = terminal.desk.provider.issuer
    assert f"vouched for by {issuer}" in told.out or "身份由" in told.out


def test_a_key_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    """It would be another than the certificate's."""
    own_key(tmp_path)
    keys = OfficerKeys(tmp_path / "config", "software:", tmp_path / "passphrase", None)
    with pytest.raises(KeyNotFoundError):
        keys.open_made(KeyId("another"))
    assert not list((tmp_path / "config").rglob("another.pem"))


def test_from_the_command_line(
    desk: RunningDesk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = CommandLine(desk, tmp_path / "config")
    assert line.login("zhao", monkeypatch).code == 0
    identity = IdentityId(line.run("whoami", "--json").json["id"])
    key, passphrase = own_key(tmp_path)
    (tmp_path / "own.cer").write_bytes(certify(desk, identity, key.public_key))
    request_id = approved(desk).rpartition("/")[2]
    arguments = (
        *("request", "sign", request_id, "--key", "own"),
        *("--certificate", str(tmp_path / "own.cer"), "--passphrase-file", str(passphrase)),
        *("--out", str(tmp_path / "to-sign.pdf")),
    )
    unread = line.run(*arguments)
    assert (unread.code, "--yes" in unread.err) == (2, True)
    page = (tmp_path / "to-sign.pdf").read_bytes()
    assert read_empty_page(page).pdf == page
    ran = line.run(*arguments, "--yes")
    assert ran.code == 0, ran.err
    ran = line.run("request", "carry-out", request_id)
    assert ran.code == 0, ran.err
    identifier = re.search(r"1\.2\.156[.0-9A-Z]+[0-9A-Z]", ran.out + ran.err)
    assert identifier is not None
    out = tmp_path / "licence.pdf"
    exported = xinyin(
        "licence", "export", identifier[0], "--out", out, "--home", desk.home.directory
    )
    assert exported.code == 0, exported.err
    told = xinyin("verify", out, "--home", desk.home.directory)
    assert told.code == 0, told.err
    assert f"vouched for by {desk.provider.issuer}" in told.out or "身份由" in told.out
