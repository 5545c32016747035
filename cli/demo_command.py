"""`xinyin demo`: the main job from nothing, and proof that it was done."""

import secrets
import socket
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path

import click

from cli import messages
from cli.demo_world import OPERATOR, DemoType, demo_types, synthetic_applications
from cli.shell.database_address import address_to_keep
from cli.shell.delivery import write_output
from cli.shell.options import algorithms_option, command_options, key_options, keys_option
from cli.shell.output import Output
from core.errors import UsageError
from core.files import write_atomically
from core.ids import LicenceIdentifier
from core.permits import Action
from core.settings import FILE_NAME, KeySettings, parse_settings
from core.text import Text
from core.web.server import serve
from home.keys import PassphraseOptions, new_namespace
from home.role_names import RoleName
from home.roles import ROLES
from home.use_cases.making import create_home, found_home
from home.wiring import Home
from registry.answers.answers import Outcome
from registry.bodies.authorities import add_authority, add_mandate, is_mandated, list_authorities
from registry.granting.batches import BatchOrder, run_batch
from registry.importing.sheet_judging import plan, read_table
from registry.licences.licences import LicenceChange, change_state, find_licence
from registry.model import Application, Authority, Licence, LicenceState, Reason
from registry.types.catalogue import put_type
from registry.types.row_problems import RowProblems

EXIT_UNEXPECTED = 1
_COUNT = click.IntRange(1, 100_000)


_OUTCOMES = {
    Outcome.ALTERED: Text("已被改动", "altered"),
    Outcome.NOT_ISSUED_HERE: Text("未在本平台登记", "not issued here"),
    Outcome.COULD_NOT_CHECK: Text("未能核验", "could not check"),
    Outcome.NOT_IN_FORCE: Text("已失效", "not in force"),
    Outcome.IN_FORCE: Text("核验通过", "in force"),
}


@click.command("demo")
@keys_option
@click.option("--count", type=_COUNT, help="Grant this many synthetic licences instead.")
@algorithms_option
@click.option("--serve", "serving", is_flag=True, help="Then serve the page until interrupted.")
@key_options
@command_options
def demo(
    home: Home,
    output: Output,
    *,
    uri: str,
    algorithms: str,
    count: int | None,
    serving: bool,
) -> int | None:
    """Do the main job in a demo home and check it. 演示全过程。

    Makes a home, CA, authorities and seals; grants licences from CSV; seals, registers and
    verifies each; shows one altered and one cancelled as such. Its licences say 样例.

    \b
    Examples:
      xinyin demo --count 3
      xinyin demo --count 3 --algorithms ml-dsa
      xinyin demo --keys 'pkcs11:token=demo?module-path=/usr/lib/softhsm/libsofthsm2.so'
    """
    with _open(home, output, uri, algorithms) as opened:
        _found(opened, output)
        licences = list(_grant(opened, output, count))
        documents = _check(opened, output, licences)
        unexpected = sum(d["outcome"] != d["expected"] for d in documents)
        _report(opened, output, documents)
        if serving:
            _serve(opened, output)
    return EXIT_UNEXPECTED if unexpected else 0


def _open(home: Home, output: Output, uri: str, algorithms: str) -> Home:
    """Return the home to work in: the one that was named, or a new one."""
    if home.was_chosen:
        directory = home.directory
    else:
        directory = Path(tempfile.mkdtemp(prefix="xinyin-demo-")) / "home"
    opened = Home(directory, home.environment, home.passphrases)
    if (directory / FILE_NAME).exists():
        if not opened.settings.service.demo:
            raise UsageError(messages.demo_in_real_home(directory))
        found_home(opened, OPERATOR)  # finishes one that was cut short
        return opened
    url = f"http://127.0.0.1:{_free_port()}"
    settings = parse_settings(
        {
            "service": {"public_url": url, "pki_url": url, "demo": True},
            "operator": {"account": opened.account},
            "ca": {"algorithms": algorithms},
            "keys": _key_settings(directory, uri, home.passphrases),
            "database": {"url": address_to_keep(opened)},
        },
        "xinyin demo",
    )
    output.say(messages.making_demo_home(directory))
    _ensure_passphrases(output, settings.keys)
    create_home(opened, settings, OPERATOR)
    return opened


def _key_settings(directory: Path, uri: str, given: PassphraseOptions) -> dict[str, object]:
    """On a token there is a PIN, which somebody has; software keys get passphrases of their own,
    or the one that was named.

    These lie beside the home: never in it, where backups would take them along.
    """
    if uri != "software:":
        return {"uri": uri, "namespace": new_namespace(uri)}
    beside = directory.resolve().parent
    own = beside / f"{directory.name}.passphrase"
    files = {
        "passphrase_file": own if given.file is None else given.file.resolve(),
        "root_passphrase_file": beside / f"{directory.name}.root-passphrase",
    }
    if given.file is None and given.descriptor is not None:
        del files["passphrase_file"]  # whoever has handed it in does so again
    return {"uri": uri, **files}


def _ensure_passphrases(output: Output, settings: KeySettings) -> None:
    """Write random passphrases, unless a demo that was cut short has done so."""
    for path in (settings.passphrase_file, settings.root_passphrase_file):
        if path is not None and not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(path, secrets.token_urlsafe(32).encode(), mode=0o600, overwrite=False)
            output.say(messages.random_passphrase_stored(path))


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _found(home: Home, output: Output) -> None:
    """Record authorities, seals and types; finds what an earlier run has recorded."""
    bodies, seals = home.permit(Action.MANAGE_AUTHORITY), home.permit(Action.MANAGE_SEAL)
    for kind in output.progress(demo_types(), messages.MAKING_SEALS):
        now = home.clock.now()
        authority = Authority(kind.authority_id, kind.authority_name, kind.uscc, kind.level, now)
        with home.database.writing() as connection:
            if kind.authority_id not in {a.authority_id for a in list_authorities(connection)}:
                add_authority(connection, authority, bodies)
        seal = home.seal_maker.ensure(kind.seal_id, kind.authority_id, kind.seal_name, seals)
        with home.database.writing() as connection:
            put_type(connection, kind.licence_type, bodies, now)
            if not is_mandated(connection, kind.licence_type.code, seal):
                add_mandate(connection, kind.licence_type.code, seal, bodies, now)


def _grant(home: Home, output: Output, count: int | None) -> Iterator[Licence]:
    """Grant what the examples hold, or `count` synthetic licences."""
    for kind in demo_types():
        if count is None:
            applications = _applications(home, kind)
        elif kind.licence_type.slug == "food-operation":
            applications = synthetic_applications(count, home.today())
        else:
            continue
        yield from _grant_all(home, output, kind, applications)


def _grant_all(
    home: Home, output: Output, kind: DemoType, applications: Sequence[Application]
) -> Iterator[Licence]:
    name = kind.licence_type.name
    order = BatchOrder(
        name="",
        permit=home.permit(Action.GRANT),
        authority_id=kind.authority_id,
        basis="演示",
    )
    rows = home.recogniser.recognise_all(applications)
    shown = output.progress(rows, messages.granting_type(name))
    for outcome in run_batch(home.granting, shown, order):
        if outcome.error is not None:
            raise outcome.error
        assert outcome.granted is not None
        write_output(_path(home, outcome.granted.licence), outcome.granted.pdf)
        yield outcome.granted.licence


def _applications(home: Home, kind: DemoType) -> Sequence[Application]:
    table = read_table(kind.data)
    planned = plan(kind.licence_type, table, today=home.today(), read_photos=home.read_photos)
    if planned.problems:
        raise RowProblems(planned.problems)
    return planned.applications


def _path(home: Home, licence: Licence) -> Path:
    directory = home.directory / "demo"
    directory.mkdir(mode=0o700, exist_ok=True)
    return directory / f"{licence.identifier}.pdf"


def _check(home: Home, output: Output, licences: list[Licence]) -> list[dict[str, str]]:
    """Cancel the last licence, alter a copy of the first, and verify all there is."""
    cancelled = _cancel(home, licences[-1].identifier)
    expectations = [(_path(home, one), one, _expected(one, cancelled)) for one in licences]
    expectations.append((_alter(_path(home, licences[0])), licences[0], Outcome.ALTERED))
    label = messages.VERIFYING
    return [
        {
            "path": str(path),
            "identifier": licence.identifier,
            "number": licence.number,
            "expected": expected,
            "outcome": home.verifier.by_file(path.read_bytes()).outcome,
        }
        for path, licence, expected in output.progress(expectations, label)
    ]


def _expected(licence: Licence, cancelled: LicenceIdentifier) -> Outcome:
    left = licence.identifier == cancelled or licence.state is not LicenceState.IN_FORCE
    return Outcome.NOT_IN_FORCE if left else Outcome.IN_FORCE


def _cancel(home: Home, identifier: LicenceIdentifier) -> LicenceIdentifier:
    with home.database.writing() as connection:
        if find_licence(connection, identifier).state is LicenceState.IN_FORCE:
            change_state(
                connection,
                identifier,
                LicenceChange.CANCEL,
                reason=Reason.SURRENDERED,
                basis="演示：持证主体申请注销",
                permit=home.permit(Action.CHANGE_LICENCE),
                at=home.clock.now(),
            )
    return identifier


def _alter(path: Path) -> Path:
    """Write a copy with one bit of its first object flipped."""
    data = bytearray(path.read_bytes())
    data[len(data) // 3] ^= 1
    altered = path.with_name("altered.pdf")
    write_output(altered, bytes(data))
    return altered


def _report(home: Home, output: Output, documents: list[dict[str, str]]) -> None:
    url = home.settings.service.public_url
    if output.as_json:
        output.data({"home": str(home.directory), "verify_url": url, "documents": documents})
        return
    by_outcome: dict[str, list[Mapping[str, str]]] = {}
    for document in documents:
        by_outcome.setdefault(document["outcome"], []).append(document)
    for outcome, group in by_outcome.items():
        word = _OUTCOMES[Outcome(outcome)].to(output.language)
        output.text(f"{len(group):>6}  {word}  {group[0]['path']}")
    for document in documents:
        if document["outcome"] != document["expected"]:
            want, found = (_OUTCOMES[Outcome(document[key])] for key in ("expected", "outcome"))
            text = messages.unexpected_outcome(path=document["path"], expected=want, found=found)
            output.text(text.to(output.language))
    port = url.rpartition(":")[2]
    output.text(messages.demo_made(home.directory, url, port).to(output.language))


def _serve(home: Home, output: Output) -> None:
    port = int(home.settings.service.public_url.rpartition(":")[2])
    output.say(messages.SERVING)
    serve(lambda worker: ROLES[RoleName.ALL].open_app(home, worker), "127.0.0.1", port)


COMMANDS = (demo,)
