"""Compiles `cli/locale`: `make words` writes messages.mo from messages.po.

The part of gettext's .po that we use: msgid, msgid_plural, msgstr, msgstr[0], a line each.
"""

import ast
import struct
from pathlib import Path

DIRECTORY = Path(__file__).parents[2] / "cli" / "locale" / "zh" / "LC_MESSAGES"
PO, MO = DIRECTORY / "messages.po", DIRECTORY / "messages.mo"
_MAGIC, _HEADER = 0x950412DE, 28


def read_po(path: Path = PO) -> dict[str, str]:
    """Return the messages; a plural follows its singular behind a NUL, as gettext has it."""
    messages: dict[str, str] = {}
    key = ""
    for line in path.read_text("utf-8").splitlines():
        word, _, quoted = line.partition(" ")
        if word == "msgid":
            key = str(ast.literal_eval(quoted))
            assert key not in messages, f"twice: {key}"
        elif word == "msgid_plural":
            key += "\0" + str(ast.literal_eval(quoted))
        elif word in ("msgstr", "msgstr[0]"):
            messages[key] = str(ast.literal_eval(quoted))
        else:
            assert not line.strip() or line.startswith("#"), f"not understood: {line}"
    return messages


def compile_mo(messages: dict[str, str]) -> bytes:
    """Return the .mo file (GNU gettext manual, 10.3)."""
    pairs = sorted((key.encode(), value.encode()) for key, value in messages.items())
    count = len(pairs)
    tables, strings = [b"", b""], b""
    start = _HEADER + 16 * count
    for side in (0, 1):
        for pair in pairs:
            tables[side] += struct.pack("<II", len(pair[side]), start + len(strings))
            strings += pair[side] + b"\0"
    header = struct.pack("<7I", _MAGIC, 0, count, _HEADER, _HEADER + 8 * count, 0, 0)
    return header + tables[0] + tables[1] + strings


if __name__ == "__main__":
    MO.write_bytes(compile_mo(read_po()))
