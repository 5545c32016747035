"""Messages of `cli.shell` in Chinese and English."""

from pathlib import Path
from typing import Final

from core.text import Text

ACTION_ABANDONED: Final = Text("已放弃，未作任何更改。", "Left alone; nothing was changed.")
DATABASE_ADDRESS_WITHOUT_PASSWORD: Final = Text(
    "数据库地址已写入 xinyin.toml，其中的口令没有写入。此后每条命令都需要口令：请把它写在账户"
    "的 ~/.pgpass（权限 0600）中，或每次设置 XINYIN_DATABASE_URL。",
    "The address of the database was written into xinyin.toml without its password. Every "
    "later command needs the password: put it into the account's ~/.pgpass (mode 0600), or "
    "set XINYIN_DATABASE_URL each time.",
)
DATABASE_ADDRESS_WRITTEN: Final = Text(
    "数据库地址已写入 xinyin.toml。", "The address of the database was written into xinyin.toml."
)
IRREVERSIBLE: Final = Text("此操作执行后不能恢复。", "This cannot be undone.")


def confirm_action(*, action: Text, warning: Text) -> Text:
    return Text(f"{action.zh}{warning.zh}继续吗？", f"{action.en} {warning.en} Go on?")


def file_stands(out: Path) -> Text:
    return Text(
        f"文件“{out}”已存在，不会覆盖。请换一个文件名。",
        f"The file “{out}” exists and is not written over. Name another one.",
    )


def file_exists(out: Path) -> Text:
    return Text(
        f"文件“{out}”已存在。用 --force 覆盖。",
        f"The file “{out}” exists. Use --force to overwrite it.",
    )


def file_not_utf8(path: Path) -> Text:
    return Text(
        f"“{path}”不是 UTF-8 文本。请以 UTF-8 编码另存。",
        f"“{path}” is not UTF-8 text. Save it again as UTF-8.",
    )


def file_too_large(*, path: Path, limit: int) -> Text:
    return Text(
        f"“{path}”超过 {limit} MiB 的限度。", f"“{path}” is larger than the limit of {limit} MiB."
    )


def file_unreadable(*, path: Path, cause_zh: str, strerror: str | None) -> Text:
    return Text(f"无法读取“{path}”：{cause_zh}。", f"Could not read “{path}”: {strerror}.")


def json_key_repeated(*, path: Path, line: int, key: object) -> Text:
    return Text(
        f"“{path}”第 {line} 行：“{key}”出现两次。请只保留一个。",
        f"“{path}”, line {line}: “{key}” stands there twice. Keep one.",
    )


def json_malformed(*, path: Path, line: int, column: int) -> Text:
    return Text(
        f"“{path}”不是正确的 JSON：从第 {line} 行第 {column} 个字符起无法识别。请查看附近的引"
        "号、逗号和括号。",
        f"“{path}” is not well-formed JSON: it cannot be read from line {line}, character {column} "
        "on. Look at the quotes, commas and brackets there.",
    )


def json_no_object(path: Path) -> Text:
    return Text(
        f"“{path}”须为一个 JSON 对象：用花括号括起，各项写明键和值。",
        f"“{path}” must be one JSON object: in braces, each field as a key and its value.",
    )


def json_not_strings(*, path: Path, places: list[tuple[int, str]]) -> Text:
    zh = "、".join(f"第 {line} 行“{key}”" for line, key in places)
    en = ", ".join(f"line {line} “{key}”" for line, key in places)
    return Text(
        f"“{path}”中有的值不是字符串：{zh}。请把值写在引号中，号码和日期也加引号。",
        f"“{path}” has values that are no strings: {en}. Write each in quotes, numbers and dates "
        "too.",
    )


def licence_already_granted(*, error_text: Text, identifier: str) -> Text:
    return Text(
        f"{error_text.zh}证照 {identifier} 已颁发，请勿重新颁发；用 xinyin licence export "
        f"{identifier} --out FILE 取得文件。",
        f"{error_text.en} Licence {identifier} has been granted; do not grant it again. Get "
        f"its file with: xinyin licence export {identifier} --out FILE",
    )


def output_directory_missing(out: Path) -> Text:
    return Text(
        f"无法写入“{out}”：目录不存在。请先建立目录。",
        f"Could not write “{out}”: there is no such directory. Make it first.",
    )


def reason_not_applicable(*, typed: str, choices: str) -> Text:
    return Text(
        f"“{typed}”不是此处可用的事由；可用：{choices}。",
        f"“{typed}” is not a reason that fits here; there are: {choices}.",
    )


def time_malformed(*, text: str, zone: str) -> Text:
    return Text(
        f"“{text}”不是时间。请写成 2026-03-01 或 2026-03-01T08:00（按本服务的时区 {zone} 理解），"
        "或带上时差：2026-03-01T00:00:00Z。",
        f"“{text}” is no time. Write 2026-03-01 or 2026-03-01T08:00 (in {zone}, the service's "
        "zone), or with an offset: 2026-03-01T00:00:00Z.",
    )


def time_offset_assumed(*, error_text: Text, text: str, zone: str, utc: str) -> Text:
    return Text(
        f"{error_text.zh}“{text}”未写时差，按本服务的时区 {zone} 理解，即 {utc}。",
        f"{error_text.en} “{text}” has no offset: it was read in {zone}, the service's zone, "
        f"as {utc}.",
    )


def yes_option_needed(*, action: Text, warning: Text) -> Text:
    return Text(
        f"{action.zh}{warning.zh}确认执行请加 --yes。",
        f"{action.en} {warning.en} Add --yes to do it.",
    )


def directory_creation_failed(
    *, out: Path, cause_zh: str, remedy: Text, strerror: str | None
) -> Text:
    return Text(
        f"无法建立目录“{out}”：{cause_zh}。{remedy.zh}",
        f"Could not make the directory “{out}”: {strerror}. {remedy.en}",
    )


def output_mode_unfit(variable: str) -> Text:
    return Text(
        f"{variable} 应为 0600、0640 或 0660。",
        f"{variable} must be 0600, 0640 or 0660.",
    )


def cut_off(thing: Text) -> Text:
    return Text(f"{thing.zh}办到一半。", f"{thing.en} was cut off.")
