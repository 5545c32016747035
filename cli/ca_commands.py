"""`xinyin ca …`: certificates and CRLs."""

import click

from cli.ceremony_commands import ceremony
from cli.certificate_commands import CERTIFICATE_COMMANDS
from cli.certify_commands import issue
from cli.exchange_commands import request
from cli.import_commands import fetch_crls_, import_
from cli.pin_command import pin_root
from cli.profile_commands import profiles
from cli.revocation_commands import CA_COMMANDS
from cli.rollover_command import rollover
from cli.trust_commands import TRUST_COMMANDS


@click.group("ca")
def ca() -> None:
    """The certification authority. 签发CA：证书、撤销与 CRL。"""


for _command in (
    *CERTIFICATE_COMMANDS,
    *CA_COMMANDS,
    *TRUST_COMMANDS,
    issue,
    profiles,
    ceremony,
    request,
    import_,
    fetch_crls_,
    rollover,
    pin_root,
):
    ca.add_command(_command)


COMMANDS = (ca,)
