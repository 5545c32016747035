"""`xinyin officer reconcile`: a provider's list of people against those in use here."""

from pathlib import Path

import click

from cli.bodies import messages
from cli.bodies.people_file import read_active
from cli.shell.confirming import confirm, yes_option
from cli.shell.options import command_options, key_options
from cli.shell.output import Output
from core.permits import Action
from home.wiring import Home
from registry.desk.providers.reconciling import Listed, reconcile
from registry.desk.providers.word import ProviderWord


@click.command("reconcile")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--issuer", required=True, help="Identity provider whose list it is (iss).")
@click.option("--basis", "why", required=True, help="Why: a document, a decision.")
@click.option(
    "--most",
    type=click.IntRange(0),
    help="So many may be disabled; if left out, a tenth (three always), and never all.",
)
@click.option("--dry-run", is_flag=True, help="Only tell whom it would disable.")
@yes_option
@key_options
@command_options
def reconcile_command(
    home: Home,
    output: Output,
    *,
    file: Path,
    issuer: str,
    why: str,
    most: int | None,
    dry_run: bool,
    yes: bool,
) -> None:
    """Disable who is not active at their identity provider any more. 核对人员名单。

    FILE has everybody who may work here: CSV with the columns sub and active, or JSON lines with
    these members. Whoever of that provider is in use here and not active there is disabled.

    \b
    Examples:
      xinyin officer reconcile people.csv --issuer https://id.example.gov.cn \\
          --basis "2026-12 名单" --dry-run
      xinyin officer reconcile people.jsonl --issuer https://id.example.gov.cn \\
          --basis "2026-12 名单" --most 40 --yes
    """
    permit = home.permit(Action.MANAGE_OFFICERS)
    listed = Listed(issuer, issuer, read_active(file), home.clock.now())
    word = ProviderWord(home.database, lambda: home.leaving, home.clock)
    told = reconcile(word, listed, most=most, carries_out=False)
    if not dry_run and told.gone:
        confirm(output, messages.confirm_reconciling(len(told.gone)), yes=yes)
        told = reconcile(word, listed, most=most, why=why, permit=permit)
    output.facts({"known": told.known, "gone": told.gone, "disabled": told.disabled})
