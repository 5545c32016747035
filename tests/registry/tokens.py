"""Timestamp tokens in what is stored, and whether each is on record."""

import re

from asn1crypto import cms

from registry.audit.events import EventFilter, stream_events
from tests.world import World

_CONTENTS = re.compile(rb"/Contents\s*<(30[0-9A-Fa-f]+)>")


def stored_tokens(world: World) -> set[str]:
    """Return the tokens in all stored files, as events name them: also in those of no licence."""
    found: set[str] = set()
    for path in (world.home.directory / "objects").rglob("*"):
        if path.is_file():
            for match in _CONTENTS.finditer(path.read_bytes()):
                found |= _tokens_in(bytes.fromhex(match[1].decode()))
    return found


def _tokens_in(encoded: bytes) -> set[str]:
    signed = cms.ContentInfo.load(encoded, strict=False)["content"]
    if signed["encap_content_info"]["content_type"].native == "tst_info":
        return {_name(signed)}
    attributes = signed["signer_infos"][0]["unsigned_attrs"]
    return {
        _name(token["content"])
        for attribute in attributes
        if attribute["type"].native == "signature_time_stamp_token"
        for token in attribute["values"]
    }


def _name(signed: cms.SignedData) -> str:
    info = signed["encap_content_info"]["content"].parsed
    return f"tsa/{info['serial_number'].native:x}"


def recorded_tokens(world: World) -> list[str]:
    """Return the tokens that are on record, in order."""
    chosen = EventFilter(action="timestamp.made")
    with world.home.database.snapshot() as connection:
        return [event.subject for event, _ in stream_events(connection, chosen)]
