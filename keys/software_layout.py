"""Paths of software keys in a home: `keys/<domain>/<id>.pem`, the root's in `root-keys/`.

Homes made before domains have their keys directly in `keys/`. Each such file is moved by one
rename, so that a crash leaves it in the old place or the new one.
"""

from contextlib import suppress
from pathlib import Path

from core.files import fsync_directory
from core.ids import KeyId
from keys.life import DOMAIN_OF, KeyDomain
from keys.software import read_key_info


def domain_directory(home: Path, domain: KeyDomain) -> Path:
    """Return the directory of a domain's key files."""
    return home / "root-keys" if domain is KeyDomain.ROOT else home / "keys" / domain


def settle_old_layout(home: Path) -> None:
    """Move key files of an old home into their domains.

    Raises `WrongPassphraseError` for a damaged one.
    """
    directory = home / "keys"
    for path in sorted(directory.glob("*.pem")):
        with suppress(FileNotFoundError):  # another process was faster
            info = read_key_info(KeyId(path.stem), path.read_bytes())
            target = domain_directory(home, DOMAIN_OF[info.purpose])
            target.mkdir(mode=0o700, exist_ok=True)
            path.rename(target / path.name)
            fsync_directory(target)
            fsync_directory(directory)
