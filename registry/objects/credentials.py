"""Credentials of an S3-compatible store: from a file, a systemd credential or the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from core.errors import ConfigurationError
from core.files import MAX_SECRET_BYTES, read_secret_file
from registry.objects import messages

CREDENTIAL = "xinyin-objects"
"""Name of the systemd credential (systemd.exec(5), LoadCredential=)."""
KEY_ID, SECRET, TOKEN = "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"
"""Environment variables that all S3 clients read."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """Access key of a store; never shown, not even in a traceback."""

    key_id: str = field(repr=False)
    secret: str = field(repr=False)


def read_credentials(
    file: Path | None, home: Path, environment: Mapping[str, str] = os.environ
) -> Credentials:
    """Return the credentials: of the file that the settings name, systemd's, the environment's.

    A file has two lines, the key's id and its secret. Raises `ConfigurationError`.
    """
    handed = environment.get("CREDENTIALS_DIRECTORY")
    credential = Path(handed) / CREDENTIAL if handed else None
    if file is not None:
        if file.resolve().is_relative_to(home.resolve()):
            raise ConfigurationError(messages.secret_inside_home(file))
        return _parsed(read_secret_file(file), str(file))
    if credential is not None and credential.exists():
        # systemd hands credentials out as 0440 or 0400 in a directory only the service can enter.
        with credential.open("rb") as opened:
            return _parsed(opened.read(MAX_SECRET_BYTES), CREDENTIAL)
    if environment.get(KEY_ID) and environment.get(SECRET):
        if environment.get(TOKEN):
            raise ConfigurationError(messages.SESSION_TOKEN_GIVEN)
        return Credentials(environment[KEY_ID], environment[SECRET])
    raise ConfigurationError(messages.NO_CREDENTIALS)


def _parsed(content: bytes, source: str) -> Credentials:
    try:
        lines = content.decode("ascii").split("\n")
    except UnicodeDecodeError:
        lines = []
    lines = [line.strip() for line in lines if line.strip()]
    if len(lines) != 2:  # noqa: PLR2004  # the key's id and its secret
        raise ConfigurationError(messages.secret_malformed(source))
    return Credentials(*lines)
