"""Files of a folder that is to be signed: those that were agreed to, and no others in their place.

What is agreed to is each file's bytes. They are read once more to be signed, and are signed only if
they are the same. Links are not followed: where they lead may change, and is nothing of the folder.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from cli.licences.documents import messages
from cli.shell.reading import MAX_DOCUMENT_BYTES, read_file
from core.canonical import canonical_json
from core.errors import UnreadableInputError
from registry.objects.store import sha256_of

_UNREADABLE = ""


class ChangedFileError(UnreadableInputError):
    """A file is another than the one that was agreed to."""


@dataclass(frozen=True, slots=True)
class FolderFiles:
    """PDFs of a folder in their order, by their digests."""

    folder: Path
    digests: Mapping[Path, str]
    links: tuple[Path, ...] = ()
    """What is left out, being a link."""

    def __iter__(self) -> Iterator[Path]:
        return iter(self.digests)

    def digest(self) -> str:
        """Return the SHA-256 (hex) of all files' names and digests."""
        listed = [[str(one.relative_to(self.folder)), held] for one, held in self.digests.items()]
        return hashlib.sha256(canonical_json({"files": listed})).hexdigest()

    def read(self, path: Path) -> bytes:
        """Return a file's bytes. Raises `UnreadableInputError` where they are others by now."""
        data = read_file(path, MAX_DOCUMENT_BYTES)
        if sha256_of(data) != self.digests[path]:
            raise ChangedFileError(messages.changed_since_agreed(path))
        return data


def gather_files(folder: Path, out: Path | None, sample: Path | None) -> FolderFiles:
    """Find the PDFs of a folder, without those that this command writes."""
    ours = [one.resolve() for one in (out, sample) if one is not None]
    found = [
        one
        for one in sorted(folder.rglob("*"))
        if not any(one.resolve().is_relative_to(place) for place in ours)
    ]
    named = [one for one in found if one.suffix.lower() == ".pdf"]
    links = tuple(one for one in found if one.is_symlink() and (one in named or one.is_dir()))
    files = [one for one in named if one.is_file() and not _is_linked(one, folder)]
    return FolderFiles(folder, {one: _digest(one) for one in files}, links)


def _is_linked(path: Path, folder: Path) -> bool:
    ways = (path, *path.parents)
    return any(one.is_symlink() for one in ways if one != folder and one.is_relative_to(folder))


def _digest(path: Path) -> str:
    """Return a file's digest; one that cannot be read is told of in its turn."""
    try:
        return sha256_of(read_file(path, MAX_DOCUMENT_BYTES))
    except UnreadableInputError:
        return _UNREADABLE
