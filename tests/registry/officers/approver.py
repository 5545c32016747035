"""Decides on a request in a process of its own; see test_requests."""

import sys

from core.errors import XinyinError
from core.ids import IdentityId
from core.permits import Action
from registry.db.database import Database
from registry.officers.requests import approve_request, reject_request
from tests.privacy import privacy
from tests.registry.officers.office import AT, DECIDERS, permit_of


def main(url: str, request_id: str, who: str, what: str) -> None:
    """Wait for a line, decide, and say what came of it."""
    database = Database(url, privacy=privacy)
    permit = permit_of(IdentityId(who), Action.DECIDE)
    decide = approve_request if what == "approve" else reject_request
    with database.reading():
        print("ready", flush=True)  # noqa: T201
    sys.stdin.readline()
    try:
        with database.writing() as connection:
            print(decide(connection, request_id, what, permit, AT, deciders=DECIDERS).state)  # noqa: T201
    except XinyinError as error:
        print(error.code, error.details.get("by"), error.details.get("state"))  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])
