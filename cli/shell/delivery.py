"""Handing a licence's PDF to the person, who must get it even where the first writing failed."""

from pathlib import Path

from core.errors import StorageError, UsageError
from core.files import write_atomically
from core.ids import LicenceIdentifier


def refuse_unwritable(out: Path, *, force: bool) -> None:
    """Refuse what is sure to fail before a number is taken. Raises `UsageError`."""
    if out.exists() and not force:
        raise UsageError(
            f"文件“{out}”已存在。用 --force 覆盖。",
            f"The file “{out}” exists. Use --force to overwrite it.",
        )
    if not out.parent.is_dir():
        raise UsageError(
            f"无法写入“{out}”：目录不存在。请先建立目录。",
            f"Could not write “{out}”: there is no such directory. Make it first.",
        )


def write_document(out: Path, pdf: bytes, identifier: LicenceIdentifier) -> None:
    """Write the PDF of a licence that is in force already.

    Raises `StorageError` saying how to get it, so that nobody grants it a second time.
    """
    try:
        write_atomically(out, pdf)
    except StorageError as error:
        raise StorageError(
            f"{error.text.zh}证照 {identifier} 已颁发，请勿重新颁发；"
            f"用 xinyin licence export {identifier} --out FILE 取得文件。",
            f"{error.text.en} Licence {identifier} has been granted; do not grant it again. "
            f"Get its file with: xinyin licence export {identifier} --out FILE",
        ) from error
