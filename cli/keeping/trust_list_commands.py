"""`xinyin trust …`: whose signatures beside our own are recognised, and the trust kit."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from cli.keeping import messages
from cli.keeping.trust_exchange_commands import EXCHANGE_COMMANDS
from cli.keeping.trust_kit_command import kit
from cli.shell.instants import read_as, read_instant
from cli.shell.options import command_options, key_options
from cli.shell.output import Output
from cli.shell.reading import read_file
from core.errors import UsageError
from core.permits import Action
from core.text import Text
from home.wiring import Home
from registry.ledger.trust_desk import LONGEST, find_entries
from signing.trust.anchor_file import (
    MAX_CERTIFICATE_BYTES,
    AnchorCertificate,
    check_fit,
    read_anchor,
)
from signing.trust.anchors import Anchor, AnchorKind, AnchorService

_FILE = click.Path(path_type=Path, dir_okay=False)
DEFAULT_SOURCE = "信印信任列表 / Xinyin trust list"
_KINDS = [AnchorKind.GOVERNMENT.value, AnchorKind.TEST.value]
_EXIT_NOT_IN_FORCE = 12


@click.group("trust")
def trust() -> None:
    """Trust list: CAs of others whose signatures are recognised beside our own. 信任列表。

    Changes are prepared in a draft and count once `trust sign` publishes the next version.
    """


@trust.command("list")
@command_options
def list_(home: Home, output: Output) -> None:
    """List the entries, with what the draft would change. 列出信任列表。

    \b
    Examples:
      xinyin trust list
      xinyin trust list --json | jq -r 'select(.state == "added") | .sha256'
    """
    change = home.trust_desk.change()
    added = frozenset(() if change is None else change.added)
    removed = () if change is None else change.removed
    output.records(
        [_record(one, "added" if one in added else "listed") for one in home.trust_desk.entries()]
        + [_record(one, "removed") for one in removed]
    )
    output.say(home.trust_desk.reading().said)
    if change is not None:
        output.say(_pending(len(change.added), len(change.removed)))


@trust.command("show")
@click.argument("fingerprint", required=False)
@command_options
def show(home: Home, output: Output, *, fingerprint: str | None) -> int:
    """Show what the list is worth now, or one certificate of it. 查看信任列表或其中一张证书。

    FINGERPRINT is the certificate's SHA-256, or the beginning of it.

    \b
    Exit codes: 0 in force, or no list; 12 the list is not used, with the reason.
    Examples:
      xinyin trust show
      xinyin trust show 3f9a1c
    """
    if fingerprint is not None:
        for one in find_entries(home.trust_desk.entries(), fingerprint):
            _tell(output, _record(one, "listed") | _facts(read_anchor(one.certificate)))
        return 0
    reading = home.trust_desk.reading()
    content = reading.content
    _tell(
        output,
        {
            "state": reading.state,
            "version": None if content is None else content.version,
            "entries": None if content is None else len(content.entries),
            "issued_at": None if content is None else content.issued_at.isoformat(),
            "next_update": None if content is None else content.next_update.isoformat(),
            "draft": home.trust_desk.change() is not None if reading.is_usable else None,
        },
    )
    output.say(reading.said)
    return 0 if reading.is_in_order else _EXIT_NOT_IN_FORCE


_ISO = "(ISO 8601, without an offset in the service's zone)"


@trust.command("add")
@click.argument("certificate", type=_FILE)
@click.option("--name-zh", required=True, help="What people are shown in Chinese.")
@click.option("--name-en", required=True, help="What people are shown in English.")
@click.option("--kind", type=click.Choice(_KINDS), required=True, help="`test` counts in demos.")
@click.option(
    "--service",
    type=click.Choice([service.value for service in AnchorService]),
    default=AnchorService.ANY.value,
    show_default=True,
    help="What paths may end there.",
)
@click.option(
    "--source", default=DEFAULT_SOURCE, show_default=True, help="The list that people are told."
)
@click.option("--from", "since", metavar="TIME", help=f"Recognised from then on {_ISO}.")
@click.option("--until", metavar="TIME", help=f"Recognised until then {_ISO}.")
@command_options
def add(
    home: Home,
    output: Output,
    *,
    certificate: Path,
    name_zh: str,
    name_en: str,
    kind: str,
    service: str,
    source: str,
    since: str | None,
    until: str | None,
) -> None:
    """Put a CA's certificate (DER or PEM) into the draft. 把一张 CA 证书加入草稿。

    Compare its fingerprint with one that you have by other means before you sign.

    \b
    Exit codes: 0 added, 2 usage, 3 the certificate cannot be read or is no CA's.
    Examples:
      xinyin trust add gov-root.cer --name-zh 邻省电子政务根证书 \\
          --name-en "E-government root of the next province" --kind government
      xinyin trust add lab.pem --name-zh 测试根 --name-en "Test root" --kind test
    """
    found = read_anchor(read_file(certificate, MAX_CERTIFICATE_BYTES))
    check_fit(found, AnchorService(service))
    entry = Anchor(
        certificate=found.der,
        name=Text(_named(name_zh), _named(name_en)),
        list_name=_named(source),
        kind=AnchorKind(kind),
        service=AnchorService(service),
        recognised_from=_instant(home, since),
        recognised_until=_instant(home, until),
    )
    with read_as(since or until, home.zone):
        fresh = home.trust_desk.add([entry], home.permit(Action.MANAGE_TRUST))
    _tell(output, _record(entry, "added" if fresh else "listed") | _facts(found))
    if found.is_sm2:
        output.say(_SM2)
    if found.not_after <= home.clock.now():
        output.say(messages.CERTIFICATE_EXPIRED)
    output.say(_NOT_YET)


@trust.command("remove")
@click.argument("fingerprint")
@command_options
def remove(home: Home, output: Output, *, fingerprint: str) -> None:
    """Take a certificate out of the list, in the draft. 在草稿中移除一张证书。

    \b
    Example:
      xinyin trust remove 3f9a1c
    """
    gone = home.trust_desk.remove(fingerprint, home.permit(Action.MANAGE_TRUST))
    output.records([_record(one, "removed") for one in gone])
    output.say(_NOT_YET)


@trust.command("discard")
@command_options
def discard(home: Home, output: Output) -> None:
    """Drop the draft; what is published stays. 丢弃草稿。

    \b
    Example:
      xinyin trust discard
    """
    if home.trust_desk.discard(home.permit(Action.MANAGE_TRUST)):
        output.say(messages.DRAFT_DROPPED)
    else:
        output.say(messages.NO_DRAFT)


@trust.command("sign")
@click.option("--basis", required=True, help="Who decided it, or by what; stands in the audit.")
@click.option(
    "--days",
    type=click.IntRange(1, LONGEST.days),
    default=90,
    show_default=True,
    help="How long nothing else need be signed; then nobody in it is recognised.",
)
@key_options
@command_options
def sign(home: Home, output: Output, *, basis: str, days: int) -> None:
    """Publish the draft as the next version; without one, renew the list. 签署并发布信任列表。

    The key signs nothing else; it is made by the first use, and its public half is written to
    trust/list-signers.pem. Verifiers elsewhere need both files: see `trust export`.

    \b
    Exit codes: 0 published, 3 the draft or the list below it cannot be read, 4 not allowed.
    Examples:
      xinyin trust sign --basis "互认协议 2026-7 号"
      xinyin trust sign --basis "季度更新" --days 120
    """
    permit = home.permit(Action.MANAGE_TRUST)
    signed = home.trust_desk.sign(timedelta(days=days), basis, permit)
    content = signed.content
    _tell(
        output,
        {
            "version": content.version,
            "entries": len(content.entries),
            "next_update": content.next_update.isoformat(),
            "key": signed.key,
            "sha256": signed.sha256,
        },
    )
    output.say(
        messages.trust_list_published(
            version=content.version, count=len(content.entries), next_update=content.next_update
        )
    )


_NOT_YET = Text(
    "仅为草稿。用 xinyin trust sign 签署后生效。",
    "A draft only: it counts once signed with: xinyin trust sign",
)
_SM2 = Text(
    "这是 SM2 证书：以其签发的签名会说明是国密签名，但不作判断。",
    "An SM2 certificate: signatures under it are named as such and not judged.",
)


def _pending(added: int, removed: int) -> Text:
    return messages.draft_unsigned(added=added, removed=removed)


def _record(entry: Anchor, state: str) -> dict[str, object]:
    until = entry.recognised_until
    return {
        "sha256": entry.sha256,
        "name_zh": entry.name.zh,
        "name_en": entry.name.en,
        "kind": entry.kind,
        "service": entry.service,
        "list": entry.list_name,
        "from": None if entry.recognised_from is None else entry.recognised_from.isoformat(),
        "until": None if until is None else until.isoformat(),
        "state": state,
    }


def _facts(certificate: AnchorCertificate) -> dict[str, object]:
    return {
        "subject": certificate.subject,
        "not_before": certificate.not_before.isoformat(),
        "not_after": certificate.not_after.isoformat(),
        "sm2": certificate.is_sm2,
    }


def _tell(output: Output, value: dict[str, object]) -> None:
    if output.as_json:
        output.data(value)
        return
    for key, item in value.items():
        output.text(f"{key}: {'' if item is None else item}")


def _named(text: str) -> str:
    """Return a name as people are shown it. Raises `UsageError`."""
    name = " ".join(text.split())
    if not name or len(name) > 200 or not name.isprintable():  # noqa: PLR2004  # what a page shows
        raise UsageError(messages.NAME_MALFORMED)
    return name


def _instant(home: Home, text: str | None) -> datetime | None:
    return None if text is None else read_instant(text, home.zone).astimezone(UTC)


for _command in (*EXCHANGE_COMMANDS, kit):
    trust.add_command(_command)
COMMANDS = (trust,)
