"""`xinyin archive export`: closed packages for an electronic archive, a file each."""

import hashlib
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from sqlalchemy import Connection

from cli.keeping import messages
from cli.remote.contexts import remote_desk, server_option
from cli.remote.desk import RemoteDesk
from cli.shell.options import command_options, key_options
from cli.shell.output import Output
from cli.shell.tally import Tally, Words
from core.errors import UsageError
from core.files import PUBLIC, make_private_directory, write_atomically
from core.ids import AuthorityId, LicenceIdentifier
from core.permits import Action
from core.text import Text
from home.wiring import Home
from registry.accession.container import read_container
from registry.accession.exporting import (
    ArchiveChoice,
    PackedLicence,
    PackingResult,
    choose,
    export_packages,
)
from registry.accession.manifest import MANIFEST, BadPackageError, read_manifest
from registry.accession.package_key import PackageSigner
from registry.answers.lookup import find_named
from registry.bodies.authorities import find_authority
from registry.model import LicenceState

EXIT_FAILURES = 20
_CHOSEN = (
    LicenceState.IN_FORCE,
    LicenceState.SUSPENDED,
    LicenceState.CANCELLED,
    LicenceState.EXPIRED,
    LicenceState.REPLACED,
)
_PACKED = Words(
    things=Text("份", "licences"),
    done=Text("已归档", "packed"),
    go_on=Text(
        "再执行一次同样的命令即可接着办，已写出的归档包不会重写。",
        "Run the same command again: it goes on from here and writes no package twice.",
    ),
)


@click.command("export")
@click.argument("licence", metavar="[LICENCE]", required=False)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="Directory for the packages; made if it is not there.",
)
@click.option("--all", "everything", is_flag=True, help="Every licence and document.")
@click.option("--state", type=click.Choice([one.value for one in _CHOSEN]), help="As of today.")
@click.option("--type", "type_name", help="Licence type, short name or code.")
@click.option("--authority", help="Authority that granted them.")
@click.option(
    "--before",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Those whose state has been so since before this day.",
)
@click.option("--limit", type=click.IntRange(1), help="At most so many.")
@click.option("--basis", help="Why, for the audit.")
@server_option
@key_options
@command_options
def export(
    home: Home,
    output: Output,
    *,
    licence: str | None,
    out: Path,
    everything: bool,
    state: str | None,
    type_name: str | None,
    authority: str | None,
    before: datetime | None,
    limit: int | None,
    basis: str | None,
    server: str | None,
) -> int:
    """Write closed packages for an electronic archive. 导出归档包。

    One .zip for each licence or document: the sealed PDF byte for byte, its record as JSON and XML,
    its events, certificates, revocation data and timestamps, the definition of its type, and a
    signed manifest with SHA-256 and SM3 of each file. archive-….pem beside them are the public
    keys. May be interrupted and run again. Packages hold personal data; their names do not. From a
    server comes the package of one licence.

    \b
    Exit codes: 0 done, 20 a document was damaged or could not be packed.
    Examples:
      xinyin archive export JY19901210000017 --out /media/archive
      xinyin archive export --state CANCELLED --before 2026-01-01 --out /media/archive
    """
    filters = {"state": state, "type": type_name, "authority": authority, "before": before}
    if sum((licence is not None, any(filters.values()), everything)) != 1:
        raise UsageError(messages.CHOOSE_WHAT_TO_PACK)
    if server is not None:
        if licence is None or basis is not None:
            raise UsageError(messages.ONE_PACKAGE_AT_SERVER)
        _fetch(remote_desk(server, output), output, licence, out)
        return 0
    with home.database.reading() as connection:
        if licence is None:
            chosen = choose(connection, _choice(home, connection, **filters), limit)
        else:
            types = home.catalogue.list_types(connection)
            url = home.settings.service.public_url
            chosen = [find_named(connection, licence, url, types).identifier]
    permit = home.permit(Action.EXPORT_ARCHIVE)
    make_private_directory(out)
    packer = home.open_packer()
    seen = dict.fromkeys(PackingResult, 0)
    tally = Tally(_PACKED, len(chosen))
    with tally.told_at_the_end(output):
        run = export_packages(packer, chosen, out, permit, basis)
        for one in output.track(run, len(chosen), messages.PACKING):
            seen[one.result] += 1
            tally.note(one.why)
            _tell(output, one)
    keys = _write_keys(home, out) if chosen else []
    output.say(
        messages.packing_result(
            written=seen[PackingResult.WRITTEN],
            unchanged=seen[PackingResult.UNCHANGED],
            failed=seen[PackingResult.FAILED],
        )
    )
    if keys:
        output.say(messages.keys_for_packages("、".join(keys), ", ".join(keys)))
    return EXIT_FAILURES if seen[PackingResult.FAILED] else 0


def _fetch(desk: RemoteDesk, output: Output, licence: str, out: Path) -> None:
    """Write a licence's package as a server gives it out."""
    identifier = str(desk.licence(licence)["identifier"])
    package = desk.archive_package(identifier)
    manifest = read_manifest(read_container(package)[MANIFEST])
    if manifest.identifier != identifier:
        raise BadPackageError("identifier", messages.OTHER_PACKAGE_SENT)
    make_private_directory(out)
    path = out / f"{manifest.identifier}-{manifest.as_of.sequence}.zip"
    write_atomically(path, package)
    digest = hashlib.sha256(manifest.encode()).hexdigest()
    name = LicenceIdentifier(identifier)
    _tell(output, PackedLicence(name, PackingResult.WRITTEN, path, digest))


def _choice(home: Home, connection: Connection, **filters: Any) -> ArchiveChoice:
    state, type_name, before = filters["state"], filters["type"], filters["before"]
    kind = None if type_name is None else home.catalogue.find(connection, type_name)
    if filters["authority"] is not None:
        find_authority(connection, AuthorityId(filters["authority"]))
    return ArchiveChoice(
        on=home.today(),
        zone=home.zone,
        state=None if state is None else LicenceState(state),
        type_code=None if kind is None else kind.code,
        authority_id=filters["authority"],
        before=None if before is None else before.date(),
    )


def _write_keys(home: Home, out: Path) -> list[str]:
    """Write the public keys beside the packages, for who checks them."""
    written = []
    for key_id, pem in PackageSigner(home.keys).public_keys().items():
        path = out / f"{key_id}.pem"
        write_atomically(path, pem, mode=PUBLIC)
        written.append(path.name)
    return written


def _tell(output: Output, one: PackedLicence) -> None:
    if output.as_json:
        output.data(
            {
                "identifier": one.identifier,
                "result": one.result,
                "file": None if one.path is None else str(one.path),
                "manifest_sha256": one.manifest_sha256,
                "code": None if one.why is None else one.why.code,
                "message": None if one.why is None else one.why.text.as_json(),
            }
        )
    elif one.why is not None:
        zh, en = one.why.text.zh, one.why.text.en
        output.say(Text(f"{one.identifier}：{zh}", f"{one.identifier}: {en}"))
    elif one.path is not None:
        output.text(str(one.path))
