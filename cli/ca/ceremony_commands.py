"""`xinyin ca ceremony …`: roots and issuing CAs made from one reviewed file."""

import platform
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

import click

from ca.ceremony.ceremony import CeremonyRun, Conduct, step_name, verify_transcript
from ca.ceremony.file import CeremonyFile, Step, read_ceremony
from ca.ceremony.steps import Made
from ca.profiles.describe import Fact, fingerprint
from cli.ca import messages
from cli.shell.options import command_options, key_options, root_key_options
from cli.shell.output import Output, tell
from core.errors import UsageError
from core.text import Text
from home.use_cases.ceremonies import carry_out_ceremony, permit_ceremony, rehearse_ceremony
from home.wiring import Home

_FILE = click.Path(path_type=Path, dir_okay=False)
_KEY_COLUMNS = 22


class _Ceremony(click.Group):
    """`xinyin ca ceremony FILE` runs it; `verify` is a command of its own."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put `run` before what names no command."""
        if args and args[0] not in self.commands and args[0] not in ctx.help_option_names:
            args = ["run", *args]
        return super().parse_args(ctx, args)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command of that name; a file's is `run`."""
        return super().get_command(ctx, cmd_name) or self.commands["run"]


@click.group("ceremony", cls=_Ceremony)
def ceremony() -> None:
    """Make roots and issuing CAs from a reviewed file. 密钥仪式。

    \b
    Examples:
      xinyin ca ceremony founding.toml --root /media/ca-root --dry-run
      xinyin ca ceremony founding.toml --root /media/ca-root
      xinyin ca ceremony verify /media/ca-root/ceremonies/2026-founding/transcript.txt
    """


@ceremony.command("run")
@click.argument("file", type=_FILE)
@click.option(
    "--root",
    type=click.Path(path_type=Path, file_okay=False),
    help="Directory of an offline root, on removable media; else the home itself.",
)
@click.option("--dry-run", is_flag=True, help="Make all of it with throw-away keys; keep nothing.")
@click.option("--yes", is_flag=True, help="Agree to every step.")
@root_key_options
@key_options
@command_options
def run(
    home: Home, output: Output, *, file: Path, root: Path | None, dry_run: bool, yes: bool
) -> None:
    """Run the ceremony of FILE, or continue it after an interruption. 执行密钥仪式。

    Each step is shown and must be agreed to. What was done is on record in transcript.txt, whose
    last number stands for the whole text: witnesses compare it and sign.

    \b
    Example:
      xinyin ca ceremony founding.toml --root /media/ca-root --dry-run
    """
    reviewed = read_ceremony(file)
    permit = permit_ceremony(home, root)
    rehearsed = rehearse_ceremony(home, reviewed, root, permit)
    if dry_run:
        _show_rehearsal(output, reviewed, rehearsed)
        return
    if not yes and not sys.stdin.isatty():  # looked at first: what is refused has not begun
        raise UsageError(messages.STEP_AGREEMENT_NEEDS_TERMINAL)
    conduct = Conduct(f"{home.account}@{platform.node()}", f"xinyin {version('xinyin')}")

    def agree(number: int, step: Step, facts: Sequence[Fact]) -> bool:
        return _agree(output, number, step, facts, yes=yes)

    ran = carry_out_ceremony(home, reviewed, root, conduct, agree, permit)
    _show_result(output, ran)


@ceremony.command("verify")
@click.argument("transcript", type=_FILE)
@command_options
def verify(home: Home, output: Output, transcript: Path) -> None:
    """Check a transcript: its chain, and the files beside it that it names. 核对仪式记录。

    \b
    Example:
      xinyin ca ceremony verify /media/ca-root/ceremonies/2026-founding/transcript.txt
    """
    del home
    checked = verify_transcript(transcript)
    last = checked.entries[-1]
    output.data(
        {"entries": last.number, "closed": checked.is_closed, "sha256": last.sha256}
    ) if output.as_json else output.text(last.sha256)
    output.say(
        Text(
            f"记录及其所列文件与写下时一致，共 {last.number} 条"
            + ("。" if checked.is_closed else "；仪式尚未结束。"),
            f"The transcript and the files that it names are as they were written: "
            f"{last.number} entries" + ("." if checked.is_closed else "; it is not closed yet."),
        )
    )


def _agree(output: Output, number: int, step: Step, facts: Sequence[Fact], *, yes: bool) -> bool:
    tell(f"\n{step_name(number, step)}")
    told = dict([*_told(step), *facts])
    for key, value in told.items():
        tell(_line(key, value))
    question = messages.CONFIRM_STEP.to(output.language)
    return yes or click.confirm(question, default=False, err=True)


def _show_rehearsal(
    output: Output, reviewed: CeremonyFile, rehearsed: Sequence[tuple[Step, Made]]
) -> None:
    steps = [
        {
            "step": step_name(number, step),
            "facts": [list(fact) for fact in made.facts],
            "files": {name: fingerprint(data) for name, data in made.files.items()},
        }
        for number, (step, made) in enumerate(rehearsed, 1)
    ]
    if output.as_json:
        output.data({"file_sha256": reviewed.sha256, "steps": steps})
        return
    head = reviewed.ceremony.ceremony
    output.text(f"{head.id}: {head.title}")
    output.text(_line("file-sha256", reviewed.sha256))
    for number, (step, made) in enumerate(rehearsed, 1):
        output.text(f"\n{step_name(number, step)}")
        for key, value in made.facts:
            output.text(_line(key, value))
        for name in made.files:
            output.text(_line("file", name))
    output.say(messages.DRY_RUN_ENDED)


def _show_result(output: Output, ran: CeremonyRun) -> None:
    last = ran.transcript.entries[-1]
    if output.as_json:
        output.data({"directory": str(ran.directory), "sha256": last.sha256})
    else:
        output.text(str(ran.directory))
    output.say(messages.ceremony_closed(last.sha256))


def _told(step: Step) -> list[Fact]:
    return [
        (key.replace("_", "-"), str(value))
        for key, value in step.model_dump(mode="json", exclude_none=True).items()
        if key != "do" and value not in ("", [], ())
    ]


def _line(key: str, value: str) -> str:
    return f"  {key.ljust(_KEY_COLUMNS)}{value}"
