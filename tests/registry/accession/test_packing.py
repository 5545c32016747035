"""Archive packages: closed, provable with other tools, the same for the same state."""

import hashlib
import io
import json
import re
import stat
import subprocess
import zipfile
from datetime import timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from core.errors import NotAllowedError
from core.ids import LicenceIdentifier
from registry.accession.container import read_container, write_container
from registry.accession.exporting import ArchiveChoice, PackingResult, choose, export_packages
from registry.accession.manifest import BadPackageError, read_manifest
from registry.accession.packing import NotPackableError
from registry.audit.events import list_events
from registry.licences.licences import LicenceChange, NoSuchLicenceError, change_state
from registry.model import LicenceState, Reason
from signing.levels import PadesLevel
from tests.permits import CHANGE_LICENCE, EXPORT_ARCHIVE, RENEW_ARCHIVE
from tests.world import World, reserved

ROOT = Path(__file__).parents[3]


def cancel(world: World, identifier: LicenceIdentifier) -> None:
    with world.home.database.writing() as connection:
        change_state(
            connection,
            identifier,
            LicenceChange.CANCEL,
            reason=Reason.SURRENDERED,
            basis="申请注销",
            permit=CHANGE_LICENCE,
            at=world.clock.now(),
        )


def pack(world: World, identifier: LicenceIdentifier) -> dict[str, bytes]:
    packer = world.home.open_packer()
    contents = packer.gather(identifier, EXPORT_ARCHIVE)
    return read_container(packer.close(contents, EXPORT_ARCHIVE, "移交"))


def test_a_package_holds_all_that_is_on_record(world: World) -> None:
    granted = world.grant()
    identifier = granted.licence.identifier
    cancel(world, identifier)
    files = pack(world, identifier)
    assert files["document.pdf"] == granted.pdf
    record = json.loads(files["metadata.json"])
    assert (record["ZZBS"], record["ZZBH"]) == (identifier, granted.licence.number)
    holder = granted.licence.holders[0]
    assert record["CZZTXX"][0]["CZZT"] == holder.name
    assert record["CZZTXX"][0]["CZZTDM"] == holder.code
    life = record["ZZZT"]
    assert (life["state"], life["reason"], life["basis"]) == (
        "CANCELLED",
        "SURRENDERED",
        "申请注销",
    )
    assert (life["grade"], life["type_version"]) == ("A", 1)
    xml = ET.fromstring(files["metadata.xml"])
    assert xml.findtext("ZZBS") == identifier
    assert xml.findtext("CZZTXX/CZZT/CZZT") == holder.name
    events = [json.loads(line) for line in files["events.jsonl"].splitlines()]
    assert [one["action"] for one in events if one["action"].startswith("licence.")] == [
        "licence.reserved",
        "licence.granted",
        "licence.cancelled",
    ]
    assert files["type.toml"].decode() == world.types["food-operation"].licence_type.source
    manifest = read_manifest(files["manifest.json"])
    assert manifest.as_of.sequence == events[-1]["sequence"]
    (seal,) = manifest.signatures
    covered = seal["byte_range"]
    assert isinstance(covered, list)
    assert covered[0] + covered[1] < covered[2] == len(granted.pdf) - covered[3]
    for one in manifest.files:
        assert hashlib.sha256(files[one.name]).hexdigest() == one.sha256
    kinds = {name.rpartition(".")[2] for name in files}
    assert kinds >= {"cer", "ocsp", "crl", "p7s", "tst", "pem"}


def test_the_package_of_a_state_is_the_same_but_for_its_signature(world: World) -> None:
    world.grant()
    identifier = world.grant(1).licence.identifier
    first, second = pack(world, identifier), pack(world, identifier)
    del first["manifest.sig"], second["manifest.sig"]
    assert first == second
    assert write_container(first) == write_container(second)
    cancel(world, identifier)
    assert pack(world, identifier)["manifest.json"] != first["manifest.json"]
    with world.home.database.reading() as connection:
        told = list_events(connection, subject=identifier)
    packed = [one for one in told if one.action == "archive.exported"]
    assert [(one.actor, one.basis) for one in packed] == [("local:tester", "移交")] * 3
    assert packed[0].after == packed[1].after != packed[2].after


def test_openssl_proves_a_package_without_us(sqlite_world: World, tmp_path: Path) -> None:
    """The commands of the operators' guide, on unpacked files."""
    world = sqlite_world
    granted = world.grant(level=PadesLevel.B_LTA)
    packer = world.home.open_packer()
    contents = packer.gather(granted.licence.identifier, EXPORT_ARCHIVE)
    package = tmp_path / "package.zip"
    package.write_bytes(packer.close(contents, EXPORT_ARCHIVE))
    root = world.home.hierarchy.root.public_bytes(Encoding.PEM)
    (tmp_path / "root.pem").write_bytes(root)
    (tmp_path / "archive-1.pem").write_bytes(contents.files["signer.pem"])
    guide = (ROOT / "docs/operators-guide.md").read_text("utf-8")
    commands = re.search(r"```sh\n(unzip -q package\.zip.*?)```", guide, re.DOTALL)
    assert commands is not None
    script = (
        "set -euo pipefail\n"
        + commands[1]
        + r"""
        test "$(openssl dgst -sm3 -r document.pdf | cut -d' ' -f1)" = \
            "$(jq -r '.files[] | select(.name == "document.pdf") | .sm3' manifest.json)"
        jq -c 'select(.action == "licence.granted")' events.jsonl > event
        test "$(jq -cSj 'del(.hash)' event | sha256sum | cut -d' ' -f1)" = "$(jq -r .hash event)"
    """
    )
    ran = subprocess.run(
        ["bash", "-c", script],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    names = [one["file"] for one in contents.manifest.signatures]
    assert names == ["signatures/001.p7s", "signatures/002.tst"]


def test_a_run_writes_what_is_missing_and_nothing_twice(world: World, tmp_path: Path) -> None:
    granted = [world.grant(index).licence.identifier for index in range(3)]
    cancel(world, granted[0])
    packer, out = world.home.open_packer(), tmp_path / "packages"
    out.mkdir()

    def run() -> list[PackingResult]:
        found = list(export_packages(packer, granted, out, EXPORT_ARCHIVE))
        return [one.result for one in found]

    next(iter(export_packages(packer, granted, out, EXPORT_ARCHIVE)))  # cut off after the first
    assert run() == [PackingResult.UNCHANGED, PackingResult.WRITTEN, PackingResult.WRITTEN]
    assert run() == [PackingResult.UNCHANGED] * 3
    written = sorted(out.iterdir())
    assert {stat.S_IMODE(one.stat().st_mode) for one in written} == {0o600}
    written[1].write_bytes(written[1].read_bytes()[:-1])
    assert sorted(run()) == [PackingResult.FAILED, PackingResult.UNCHANGED, PackingResult.UNCHANGED]
    cancel(world, granted[2])
    assert sorted(run()) == [PackingResult.FAILED, PackingResult.UNCHANGED, PackingResult.WRITTEN]
    assert len(list(out.iterdir())) == 4, "the earlier state's package stays"


def test_licences_are_chosen_by_state_and_since_when(world: World) -> None:
    granted = [world.grant(index).licence for index in range(3)]
    cancel(world, granted[0].identifier)
    home = world.home
    tomorrow = home.today().replace(year=home.today().year + 1)

    def chosen(**rest: object) -> list[str]:
        choice = ArchiveChoice(on=home.today(), zone=home.zone, **rest)  # type: ignore[arg-type]
        with home.database.reading() as connection:
            return list(choose(connection, choice, None))

    cancelled = LicenceState.CANCELLED
    assert chosen(state=cancelled) == [granted[0].identifier]
    assert chosen(state=cancelled, before=tomorrow) == [granted[0].identifier]
    assert chosen(state=cancelled, before=home.today()) == []
    assert chosen(state=LicenceState.EXPIRED) == []
    assert len(chosen(type_code=granted[0].type_code)) == 3
    assert chosen(authority_id=granted[0].authority_id, type_code="9") == []


def test_a_renewed_document_is_packed_with_all_its_timestamps(sqlite_world: World) -> None:
    granted = sqlite_world.grant()
    renewal = sqlite_world.home.open_archive_renewal()
    horizon = sqlite_world.clock.now() + timedelta(days=4 * 365)
    assert len(list(renewal.run(horizon, RENEW_ARCHIVE))) == 1
    files = pack(sqlite_world, granted.licence.identifier)
    manifest = read_manifest(files["manifest.json"])
    assert files["document.pdf"].startswith(granted.pdf)
    assert [one.length for one in manifest.revisions] == [
        len(granted.pdf),
        len(files["document.pdf"]),
    ]
    assert manifest.holders_copy == hashlib.sha256(granted.pdf).hexdigest()


def test_who_may_not_gets_nothing(sqlite_world: World) -> None:
    granted = sqlite_world.grant()
    packer = sqlite_world.home.open_packer()
    with pytest.raises(NotAllowedError):
        packer.gather(granted.licence.identifier, CHANGE_LICENCE)
    contents = packer.gather(granted.licence.identifier, EXPORT_ARCHIVE)
    with pytest.raises(NotAllowedError):
        packer.close(contents, CHANGE_LICENCE)
    with sqlite_world.home.database.reading() as connection:
        told = list_events(connection, subject=granted.licence.identifier)
    assert "archive.exported" not in {one.action for one in told}


def test_what_was_never_sealed_is_not_packed(sqlite_world: World) -> None:
    world = sqlite_world
    with world.home.database.writing() as connection:
        pending = reserved(world.home.reservations, connection, world.request()).licence
    packer = world.home.open_packer()
    with pytest.raises(NotPackableError):
        packer.gather(pending.identifier, EXPORT_ARCHIVE)
    with pytest.raises(NoSuchLicenceError):
        packer.gather(LicenceIdentifier("1.2.3"), EXPORT_ARCHIVE)


def zipped(*files: tuple[str, bytes], kind: int = zipfile.ZIP_STORED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", kind) as archive:
        for name, data in files:
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.create_system, entry.compress_type = 3, kind
            entry.external_attr = (stat.S_IFREG | 0o600) << 16
            archive.writestr(entry, data)
    return out.getvalue()


def linked() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        entry = zipfile.ZipInfo("document.pdf", (1980, 1, 1, 0, 0, 0))
        entry.create_system, entry.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
        archive.writestr(entry, b"/etc/passwd")
    return out.getvalue()


def encrypted() -> bytes:
    data = bytearray(zipped(("a", b"x")))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


GOOD = zipped(("manifest.json", b"{}"), ("a", b"x"))


@pytest.mark.parametrize(
    ("data", "flaw"),
    [
        (b"", "not_a_package"),
        (b"%PDF-1.7", "not_a_package"),
        (GOOD[:-4], "not_a_package"),
        (zipped(("../a", b"x")), "file_name"),
        (zipped(("/a", b"x")), "file_name"),
        (zipped(("a\\b", b"x")), "file_name"),
        (zipped(("x/y/z", b"x")), "file_name"),
        (zipped(("证照", b"x")), "file_name"),
        (zipped(("a", b"x"), ("A", b"x")), "duplicate_file"),
        (zipped(("a", b"0" * 9_000_000), kind=zipfile.ZIP_DEFLATED), "compressed"),
        (encrypted(), "encrypted"),
        (linked(), "no_regular_file"),
        (GOOD + b"more", "other_form"),
        (b"more" + GOOD, "other_form"),
        (zipped(("a", b"x"), ("manifest.json", b"{}")), "other_form"),
        (zipped(*((f"f{n}", b"") for n in range(5_001))), "too_many_files"),
    ],
)
def test_a_zip_in_another_form_is_refused(data: bytes, flaw: str) -> None:
    with pytest.raises(BadPackageError) as refused:
        read_container(data)
    assert refused.value.flaw == flaw


def test_the_one_form_is_read() -> None:
    assert read_container(GOOD) == {"manifest.json": b"{}", "a": b"x"}
    assert write_container(read_container(GOOD)) == GOOD
