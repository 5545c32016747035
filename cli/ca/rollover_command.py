"""`xinyin ca rollover`: the next issuing CA takes over, and what the last one issued stays good."""

import click

from ca.issuers import IssuerRecord, IssuerRole, IssuerState
from cli.ca.exchange_commands import in_use
from cli.shell.confirming import confirm, yes_option
from cli.shell.options import command_options, key_options, root_key_options
from cli.shell.output import Output
from core.errors import UsageError
from core.ids import IssuerId
from core.text import Text
from home.succession import open_succession
from home.wiring import Home
from keys.model import KeyNotFoundError


@click.command("rollover")
@click.option("--root", "root_id", help="The root that certifies it, if its key is here.")
@click.option("--prepare", is_flag=True, help="Make and publish it; put it to use later.")
@yes_option
@root_key_options
@key_options
@command_options
def rollover(home: Home, output: Output, *, root_id: str | None, prepare: bool, yes: bool) -> None:
    """Let the next issuing CA take over from the one in use. 更换签发CA。

    Where the root's key is in the home, the next CA is made and certified now. Where the root is
    elsewhere, `xinyin ca request --new`, a ceremony and `xinyin ca import` come first, and this
    puts to use what they made. The one before issues nothing more; its CRLs and OCSP answers go on
    until its certificate ends, and seals that it certified may be used on, or renewed with
    `xinyin seal renew`. Running services notice within a second.

    \b
    Examples:
      xinyin ca rollover --prepare
      xinyin ca rollover --yes
    """
    home.actor  # noqa: B018  # the operator only
    if not prepare:
        now = in_use(home).issuer
        what = Text(
            f"将由下一个签发CA接替 {now}，后者不再签发。",
            f"The next issuing CA takes over from {now}, which issues nothing more.",
        )
        confirm(output, what, yes=yes)
    succession, steps = open_succession(home)
    if finished := succession.settle():  # a roll-over that was cut off
        _tell(output, in_use(home).issuer, finished)
        return
    issuer = succession.next_issuer()
    record = steps.find(issuer)
    if record is None or record.certificate is None:
        root = _root_here(home, root_id)
        ca = succession.new_ca(issuer, root, home.settings.ca.crl_shards)
        steps.certify_issuing(ca, state=IssuerState.PREPARED)
    succession.furnish()
    if prepare:
        output.say(
            Text(
                f"{issuer} 已就绪并发布；再次运行 xinyin ca rollover 即启用。",
                f"{issuer} is ready and published; xinyin ca rollover puts it to use.",
            )
        )
        return
    _tell(output, issuer, succession.switch(issuer))


def _tell(output: Output, issuer: IssuerId, retired: list[IssuerId]) -> None:
    before = ", ".join(retired)
    output.say(
        Text(
            f"{issuer} 已启用，{before} 已停用：不再签发，其证书撤销列表和 OCSP 继续到其证书到期。",
            f"{issuer} is in use. {before} issues nothing more; its CRLs and OCSP answers go on "
            "until its certificate ends.",
        )
    )


def _root_here(home: Home, root_id: str | None) -> IssuerId:
    """Return the newest active root, or the one named, whose key is in the home."""
    for record in reversed(home.ledger.list_issuers()):
        if root_id in (None, record.issuer) and _is_here(home, record):
            return record.issuer
    raise UsageError(
        "根的密钥不在此数据目录。请用 xinyin ca request --new，由根签发后"
        "用 xinyin ca import 导入。",
        "The root's key is not in this home. Use xinyin ca request --new, have the root sign it, "
        "and take it in with xinyin ca import.",
    )


def _is_here(home: Home, record: IssuerRecord) -> bool:
    if record.role is not IssuerRole.ROOT or record.state is not IssuerState.ACTIVE:
        return False
    try:
        home.root_keys.find(record.key_id)
    except KeyNotFoundError:
        return False
    return True
