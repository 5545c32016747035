"""`xinyin key …`: which keys there are, that they sign, and the end of their lives."""

import secrets
import sys
from datetime import datetime

import click

from cli.keeping import messages
from cli.shell.confirming import confirm, yes_option
from cli.shell.options import command_options, key_options, root_key_options
from cli.shell.output import Output
from core.errors import UsageError, XinyinError
from core.ids import KeyId
from core.permits import Action
from home.keys import ALL, ALL_BUT_ROOT
from home.wiring import Home
from keys.algorithms import size_of
from keys.inventory import InventoryEntry, InventoryFinding, take_inventory
from keys.life import KeyDomain, KeyRecord
from keys.proof import prove
from keys.ring import KeyRing

EXIT_DISAGREES = 1
_BASIS = click.option("--basis", required=True, help="Why: a document, a decision.")


@click.group("key")
def key() -> None:
    """Keys. 密钥。"""


@key.command("list")
@command_options
def list_(home: Home, output: Output) -> int | None:
    """List all keys, where they stand, and whether store and register agree. 密钥清单。

    Needs no passphrase. Findings: agreed; unrecorded (there, not on record: xinyin key check
    records it); unfinished (its making was cut short: making it again finishes it); missing;
    not-deleted (xinyin key destroy finishes it); different.

    \b
    Exit codes: 0 all agree, 1 some do not.
    Example:
      xinyin key list --json
    """
    ring = home.home_keys.ring(ALL, home.key_register)
    entries = take_inventory(ring)
    disagreeing = [one for one in entries if one.finding is not InventoryFinding.AGREED]
    rows = [_row(one) if output.as_json else _short_row(one) for one in entries]
    if not disagreeing and not output.as_json:
        for row in rows:
            del row["finding"]
    output.records(rows)
    unrecorded = [one for one in disagreeing if one.finding is InventoryFinding.UNRECORDED]
    if unrecorded:
        root = any(one.domain is KeyDomain.ROOT for one in unrecorded)
        command = "xinyin key check --root" if root else "xinyin key check"
        output.say(messages.keys_not_on_record(command))
    return EXIT_DISAGREES if disagreeing else None


@key.command("check")
@click.option("--root", "with_root", is_flag=True, help="The root's key, too.")
@root_key_options
@key_options
@command_options
def check(home: Home, output: Output, *, with_root: bool) -> int | None:
    """Let each key sign something and verify it; records keys that were not. 试签每把密钥。

    Keys that are retired sign nothing and are left out.

    \b
    Exit codes: 0 all sign, 1 some do not.
    Examples:
      xinyin key check
      xinyin key check --root --json
    """
    home.permit(Action.MANAGE_KEY)
    ring = home.home_keys.ring(ALL if with_root else ALL_BUT_ROOT, home.key_register)
    rows = [_proven(ring, info.key_id, output) for info in ring.list_keys()]
    output.records(rows)
    return EXIT_DISAGREES if any(row["result"] == "failed" for row in rows) else None


@key.command("retire")
@click.argument("key_id")
@_BASIS
@yes_option
@command_options
def retire(home: Home, output: Output, *, key_id: str, basis: str, yes: bool) -> None:
    """Let a key sign nothing new; a CA's key goes on signing CRLs. 停用密钥。

    Its certificate is not revoked by this: see xinyin ca revoke.

    \b
    Example:
      xinyin key retire seal-qinglan-market --basis "换用新印章 2026-17" --yes
    """
    permit = home.permit(Action.MANAGE_KEY)
    confirm(output, messages.confirm_key_retirement(key_id), yes=yes)
    home.key_register.retire(KeyId(key_id), basis, permit)
    output.say(messages.key_retired(key_id))


@key.command("destroy")
@click.argument("key_id")
@_BASIS
@click.option("--yes", "typed", help="The key's id once more, instead of typing it.")
@root_key_options
@key_options
@command_options
def destroy(home: Home, output: Output, *, key_id: str, basis: str, typed: str | None) -> None:
    """Delete a key for good, from its file or token. 销毁密钥。

    An active key must be retired first. Copies in backups are not reached. Run again, it finishes
    what was cut short.

    \b
    Example:
      xinyin key destroy seal-old --basis "销毁记录 2026-18" --yes seal-old
    """
    permit = home.permit(Action.MANAGE_KEY)
    ring = home.home_keys.ring(ALL, home.key_register)
    _confirm(key_id, typed)
    ring.destroy(KeyId(key_id), basis, permit)
    output.say(messages.key_destroyed(key_id))


def _confirm(key_id: str, typed: str | None) -> None:
    if typed is None and sys.stdin.isatty():
        typed = click.prompt(f"Type {key_id} to destroy it 输入密钥名以确认", err=True)
    if typed != key_id:
        raise UsageError(messages.KEY_ID_NOT_CONFIRMED)


def _proven(ring: KeyRing, key_id: KeyId, output: Output) -> dict[str, object]:
    try:
        info = ring.find(key_id)
        if not ring.may_open(key_id, info.purpose):
            return {"key": key_id, "purpose": info.purpose, "result": "retired", "reason": None}
        prove(ring.open(key_id, info.purpose), secrets.token_bytes)
    except XinyinError as error:
        text = error.text.to(output.language)
        return {"key": key_id, "purpose": None, "result": "failed", "reason": text}
    return {"key": key_id, "purpose": info.purpose, "result": "signs", "reason": None}


def _short_row(entry: InventoryEntry) -> dict[str, object]:
    """Return the fields that fit a line: of the dates, when it came into its state."""
    record = entry.record
    since = None if record is None else max(at for at in _instants(record).values() if at)
    return {
        "key": entry.key_id,
        "purpose": entry.purpose,
        "algorithm": entry.algorithm,
        "where": None if record is None else record.location.partition(" (")[0],
        "owner": None if record is None else record.owner,
        "state": None if record is None else record.state,
        "since": since and since.date().isoformat(),
        "finding": entry.finding,
    }


def _row(entry: InventoryEntry) -> dict[str, object]:
    record = entry.record
    short = _short_row(entry)
    del short["since"]
    return short | {
        "where": None if record is None else record.location,
        "domain": entry.domain,
        "size": size_of(entry.algorithm),
        "spki_sha256": None if record is None else record.spki_sha256,
        **{name: at and at.isoformat() for name, at in _instants(record).items()},
    }


def _instants(record: KeyRecord | None) -> dict[str, datetime | None]:
    names = ("intended_at", "generated_at", "activated_at", "retired_at", "destroyed_at")
    return {name: getattr(record, name, None) for name in names}


COMMANDS = (key,)
