"""`xinyin seal reseal`: what a compromised seal's licences come back by."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import click

from cli.bodies import messages
from cli.shell.delivery import write_document
from cli.shell.options import command_options, key_options
from cli.shell.output import Output
from cli.shell.tally import FINISHED, Tally
from core.errors import StorageError
from core.ids import SealId
from core.permits import Action
from core.text import Text
from core.web.problems import is_of_surroundings
from home.wiring import Home
from keys.model import KeysError
from registry.bodies.authorities import find_seal
from registry.db.turns import turn
from registry.model import RegistryError, Seal

EXIT_FAILURES = 20
_OUT = click.Path(path_type=Path, file_okay=False)


@click.command("reseal")
@click.argument("seal_id")
@click.option("--basis", required=True, help="On which ground; stands with each licence.")
@click.option("--out", type=_OUT, help="Folder for the PDFs.")
@key_options
@command_options
def reseal_(home: Home, output: Output, *, seal_id: str, basis: str, out: Path | None) -> int:
    """Seal anew what left force because the seal's key was compromised. 重新签章。

    The seal is renewed first if its certificate is revoked. Each licence gets a new version of the
    same number and content; run again, it goes on where it stopped.

    \b
    Example:
      xinyin seal reseal market-food --basis "印章密钥泄露后重新签章" --out resealed/
    """
    seal = seal_of(home, seal_id)
    with seal_turn(home, output, seal.seal_id):
        return 0 if reseal(home, output, seal, basis, out) else EXIT_FAILURES


def reseal(home: Home, output: Output, seal: Seal, basis: str, out: Path | None) -> bool:
    """Seal anew what is waiting; tell whether all of it could be."""
    permit = home.permit(Action.HANDLE_COMPROMISE)
    if out is not None:
        out.mkdir(mode=0o700, parents=True, exist_ok=True)
    resealing = home.resealing
    resealing.prepare(seal.seal_id, permit)
    waiting = resealing.waiting(seal.seal_id, home.today())
    label, tally = messages.RESEALING, Tally(FINISHED, len(waiting))
    done = list[dict[str, object]]()
    with (
        _listed(output, done),
        tally.told_at_the_end(output),
        closing(output.progress(waiting, label)) as shown,
    ):
        for identifier in tally.taking(shown, lambda one: Text(one, one)):
            try:
                granted = resealing.reseal(identifier, basis, permit)
                if out is not None:
                    path = out / f"{granted.licence.identifier}.pdf"
                    write_document(path, granted.pdf, granted.licence.identifier)
            except (RegistryError, KeysError, StorageError) as error:
                if is_of_surroundings(error):
                    raise
                tally.note(error)
                output.say(Text(f"{identifier}：{error.text.zh}", f"{identifier}: {error.text.en}"))
                continue
            tally.note(None)
            done.append({"identifier": identifier, "resealed_as": granted.licence.identifier})
            if output.as_json:
                output.data(done[-1])
    failures = tally.failed
    output.say(messages.resealing_result(count=len(done), failures=failures))
    return not failures


@contextmanager
def seal_turn(home: Home, output: Output, seal_id: SealId) -> Iterator[None]:
    """Let one process at a time work on a seal; what it has done is done for the next."""

    def wait() -> None:
        output.say(messages.waiting_for_other_process(seal_id))

    with turn(home.database, f"seal {seal_id}", wait):
        yield


@contextmanager
def _listed(output: Output, done: list[dict[str, object]]) -> Iterator[None]:
    """List for people what was done when it ends, however it does; JSON has had its lines."""
    try:
        yield
    finally:
        if not output.as_json:
            output.records(done)


def seal_of(home: Home, seal_id: str) -> Seal:
    """Return a seal as it is now. Raises `NotFoundError`."""
    with home.database.reading() as connection:
        return find_seal(connection, SealId(seal_id))


RESEAL_COMMANDS = (reseal_,)
