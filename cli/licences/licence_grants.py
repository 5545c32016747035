"""Parts of the commands that grant: the request made of a file, what is printed of a licence."""

from functools import partial
from pathlib import Path

import click

from cli.licences import messages
from cli.shell.output import Output
from cli.shell.reading import read_json_record
from core.ids import AuthorityId
from core.permits import Action
from home.wiring import Home
from registry.granting.reservation import GrantRequest
from registry.importing.photo_files import load_photo
from registry.importing.records import LoadPhoto, judge_record
from registry.model import Licence
from signing.levels import PadesLevel

level_option = click.option(
    "--level",
    type=click.Choice([level.value for level in PadesLevel]),
    default=PadesLevel.B_LT.value,
    show_default=True,
    help="PAdES level of the seal.",
)


def grant_request(
    home: Home,
    type_name: str,
    data: Path,
    *,
    authority: str | None,
    basis: str | None,
    level: str,
    photo: bytes | None = None,
) -> GrantRequest:
    """Return the grant that a JSON record asks for; `photo`: instead of the one that it names."""
    row = read_json_record(data)
    with home.database.reading() as connection:
        licence_type = home.catalogue.find(connection, type_name)
    load: LoadPhoto = partial(load_photo, data.parent)
    if photo is not None and licence_type.photo_field is not None:
        rule, given = licence_type.photo_field, photo
        row = {key: value for key, value in row.items() if key != rule.label.zh}
        row[rule.key] = "photo"

        def load(name: str) -> bytes:
            del name
            return given

    application = judge_record(
        licence_type, row, load, home.read_photo, today=home.today(), source=data.name
    )
    return GrantRequest(
        application=application,
        permit=home.permit(Action.GRANT),
        basis=basis,
        authority_id=None if authority is None else AuthorityId(authority),
        level=PadesLevel(level),
    )


def report_granted(output: Output, granted: Licence, out: Path) -> None:
    """Print where a licence's PDF lies, and the licence's names."""
    if output.as_json:
        output.data({"identifier": granted.identifier, "number": granted.number, "path": str(out)})
    else:
        output.text(str(out))
        output.say(messages.licence_reference(granted.identifier))
