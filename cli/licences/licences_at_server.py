"""Licences at a server: listed, shown and changed by whoever signed in there."""

import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cli.licences import messages
from cli.remote.contexts import remote_desk
from cli.remote.exporting import export
from cli.remote.server import ServerRefusedError
from cli.shell.output import Output
from core.errors import UsageError
from registry.desk.exports.tables import TableFormat

_SHOWN = ("number", "holders", "type", "state", "valid_until", "identifier")


def list_at_server(
    server: str, output: Output, filters: Mapping[str, str | None], limit: int
) -> None:
    """List licences within reach. Raises `UsageError` for a filter that a server has not."""
    known = {key: filters.get(key) for key in ("state", "type", "number")}
    if any(value for key, value in filters.items() if key not in known):
        raise UsageError(messages.FILTERS_AT_SERVER)
    found = remote_desk(server, output).licences(known, limit)
    output.records([_flat({key: one[key] for key in _SHOWN}) for one in found])


def filters_of(given: Mapping[str, Any]) -> dict[str, str]:
    """Return the filters that were given on the command line, as a server names them."""
    names = {"type_name": "type"}
    return {names.get(key, key): str(one) for key, one in given.items() if one is not None}


def search_at_server(
    server: str, output: Output, words: str, given: Mapping[str, Any], limit: int
) -> None:
    """Search for licences within reach."""
    found = remote_desk(server, output).search({"q": words, **filters_of(given)}, limit)
    output.records([_flat({key: one[key] for key in _SHOWN}) for one in found])


def export_at_server(
    server: str,
    output: Output,
    words: str,
    given: Mapping[str, Any],
    how: tuple[Path, TableFormat, bool],
    *,
    later: bool,
) -> None:
    """Write all that a search finds within reach; `later`: have it written, to be fetched."""
    out, form, personal = how
    asked: dict[str, Any] = {**filters_of(given), "q": words, "format": form}
    asked |= {"lang": output.language, "personal": personal}
    export(remote_desk(server, output), asked, out, output, later=later)


def expiring_at_server(
    server: str, output: Output, within: int, type_name: str | None, limit: int
) -> list[dict[str, object]]:
    """Return licences within reach that are about to expire, the soonest first."""
    found = remote_desk(server, output).expiring(within, type_name, limit)
    return [_flat({key: one[key] for key in _SHOWN}) for one in found]


def show_at_server(server: str, output: Output, named: str, at: str | None = None) -> None:
    """Show a licence by its identifier or printed number; `at`: as it stood at that instant."""
    desk = remote_desk(server, output)
    found = desk.licence(named)
    if at is not None:
        found = desk.licence_at(str(found["identifier"]), at)
    told = {} if found.get("told") is None else {"told": found["told"][output.language]}
    output.facts(_flat(found) | told)


def change_at_server(server: str, output: Output, named: str, body: dict[str, Any]) -> None:
    """Change a licence's state, or ask for that where the type needs a second person."""
    desk = remote_desk(server, output)
    identifier = str(desk.licence(named)["identifier"])
    try:
        changed = desk.change(identifier, body)
    except ServerRefusedError as error:
        if error.code != "second_person_required":
            raise
        made = desk.ask_change(identifier, body, secrets.token_urlsafe(18))
        if output.as_json:
            output.data(made)
        else:
            output.text(str(made["request"]))
        output.say(messages.CHANGE_ASKED_FOR)
        return
    if output.as_json:
        output.data(_flat(changed))
        return
    word = changed["words"][output.language]
    output.say(messages.licence_stands(identifier=identifier, standing=word))


def _flat(one: Mapping[str, Any]) -> dict[str, object]:
    flat = {key: value for key, value in one.items() if key not in ("holders", "words")}
    if "holders" in one:
        flat["holder"] = "、".join(one["holders"])
    return flat
