"""`xinyin ca …`: certificates and CRLs."""

import click

from cli.ca.ceremony_commands import ceremony
from cli.ca.certificate_commands import CERTIFICATE_COMMANDS
from cli.ca.certify_commands import issue
from cli.ca.exchange_commands import request
from cli.ca.import_commands import fetch_crls_, import_
from cli.ca.pin_command import pin_root
from cli.ca.profile_commands import profiles
from cli.ca.revocation_commands import CA_COMMANDS
from cli.ca.rollover_command import rollover
from cli.ca.trust_commands import TRUST_COMMANDS


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
