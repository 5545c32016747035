"""A type of official documents for a home's desk."""

from cli.demo_world import examples_directory
from core.permits import Action
from home.wiring import Home
from registry.bodies.authorities import add_mandate, list_seals
from registry.licences.licences import list_licences
from registry.types.catalogue import put_type
from registry.types.types import parse_type

DOCUMENT_TYPE = examples_directory() / "types" / "official-document.toml"


def publish_documents(home: Home, more: str = "", *, everywhere: bool = False) -> None:
    """Publish the type, and let the authority of the home's first licence seal by it; or all, each
    with a second person.
    """
    if everywhere:
        more = "\n[desk]\nsecond_person = true\n"
    permit, now = home.permit(Action.MANAGE_AUTHORITY), home.clock.now()
    with home.database.writing() as connection:
        kind = parse_type(DOCUMENT_TYPE.read_text("utf-8") + more)
        put_type(connection, kind, permit, now)
        if everywhere:
            for one in list_seals(connection):
                add_mandate(connection, kind.code, one, permit, now)
        if more:
            return
        authority = list_licences(connection)[0].authority_id
        seal = next(one for one in list_seals(connection) if one.authority_id == authority)
        add_mandate(connection, kind.code, seal, permit, now)
