"""Batches at a server: checked and asked for by whoever signed in there."""

import base64
import io
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cli.licences.batches import messages
from cli.licences.batches.remarks import Remark, by_row, write_remarks
from cli.licences.batches.report import MOST_NAMED, place_of
from cli.remote.contexts import remote_desk
from cli.remote.server import ServerRefusedError
from cli.shell.output import Output
from core.scratch import Scratch
from core.text import Text
from core.web.problems import problem_of
from registry.granting.recognising import RowKind
from registry.importing.sheet_choice import SheetChoice
from registry.importing.sheets import read_limited


def sheet_body(
    type_name: str,
    data: Path,
    choice: SheetChoice,
    *,
    authority: str | None,
    photos: Path | None,
) -> dict[str, Any]:
    """Return a sheet as the server takes it. Raises `BadTableError`."""
    body = {"type": type_name, "sheet": base64.b64encode(read_limited(data)).decode()}
    if photos is not None:
        body["photos"] = base64.b64encode(read_limited(photos)).decode()
    chosen = {
        "authority": authority,
        "sheet_name": choice.sheet,
        "hidden": choice.hidden,
        "codes_compared": choice.codes_compared or None,
    }
    return body | {key: value for key, value in chosen.items() if value is not None}


def check_at_server(  # noqa: PLR0917 (each of another type)
    server: str,
    output: Output,
    body: dict[str, Any],
    data: Path,
    choice: SheetChoice,
    remarks: Path | None,
    scratch: Scratch,
) -> int:
    """Say what a sheet would lead to; return the exit code."""
    said: list[Remark] = []
    sheet = data, io.BytesIO(base64.b64decode(body["sheet"]))  # which may be another by now
    try:
        told = remote_desk(server, output).check_batch(body)
    except ServerRefusedError as error:
        code = _to_mend(output, error)
        if remarks is not None:
            said = sorted(map(_remark, error.entries), key=by_row)
            write_remarks(output, sheet, choice, remarks, said, scratch)
        return code
    if remarks is not None:
        write_remarks(output, sheet, choice, remarks, said, scratch)
    recognised = told.pop("recognised", [])
    if output.as_json:
        output.data(told | {"recognised": recognised})
        return 0
    many = sum(one["kind"] != RowKind.CLOSED for one in recognised) > MOST_NAMED
    for one in recognised:
        if one["kind"] == RowKind.CLOSED or not many:
            output.say(_recognised(one))
    output.facts(told)
    return 0


def ask_at_server(
    server: str | None, output: Output, body: dict[str, Any], request_key: str | None
) -> int:
    """Ask for a sheet's licences; return the exit code."""
    key = request_key or secrets.token_urlsafe(18)
    try:
        made = remote_desk(server, output).ask_batch(body, key)
    except ServerRefusedError as error:
        return _to_mend(output, error)
    before = made.get("counts", {}).get("before", 0)
    if output.as_json:
        told = {key: value for key, value in made.items() if key != "counts"}
        output.data(told | {"before": before})
    else:
        output.text(str(made["request"]))
        output.say(messages.batch_asked(rows=made["rows"]))
        if before:
            output.say(messages.batch_granted_before(before=before, rows=made["rows"]))
    return 0


def _recognised(one: dict[str, Any]) -> Text:
    place = place_of(f"row {one['row']}")
    if one["kind"] == RowKind.CLOSED:
        return messages.row_out_of_force(place=place, identifier=one["licence"])
    return messages.row_granted_before(place=place, identifier=one["licence"])


def _remark(one: Mapping[str, Any]) -> Remark:
    text = Text(str(one.get("zh", "")), str(one.get("en", "")))
    return f"row {one.get('row') or 1}", str(one.get("field") or ""), text


def _to_mend(output: Output, error: ServerRefusedError) -> int:
    """Name each row that is to be mended. Raises the error where it names none."""
    if not error.entries:
        raise error
    for one in error.entries:
        row, field = one.get("row", ""), one.get("field", "")
        text = Text(one.get("zh", ""), one.get("en", ""))
        if output.as_json:
            output.data(
                {
                    "source": f"row {row}" if row else "",
                    "field": field,
                    "code": one.get("problem", ""),
                    "identifier": one.get("licence"),
                    "message": text.as_json(),
                }
            )
            continue
        output.say(messages.row_to_mend(row=row, field=field, problem=text))
    output.say(error.text)
    return problem_of(error.code).exit_code
