"""Messages of `cli.licences.batches` in Chinese and English."""

from typing import Final

from core.text import Text, counted

BASIS_NEEDED: Final = Text(
    "更正、变更或延续须用 --basis 写明依据。",
    "Correcting, replacing or renewing needs the legal basis: --basis.",
)


def row_to_mend(*, row: str, field: str, problem: Text) -> Text:
    named = f" · {field}" if field else ""
    return Text(
        f"{f'第 {row} 行' if row else '表格'}{named}：{problem.zh}",
        f"{f'row {row}' if row else 'the sheet'}{named}: {problem.en}",
    )


def batch_asked(*, rows: int) -> Text:
    return Text(
        f"已提出批量申请，共 {rows} 行（xinyin request show 查看）。",
        f"Asked for {counted(rows, 'row')}; look with xinyin request show.",
    )


def batch_granted_before(*, before: int, rows: int) -> Text:
    return Text(
        f"其中 {before} 行早先已颁发，不会重复颁发；新颁发 {rows - before} 行。",
        f"{before} of them were granted before and are not granted again; {rows - before} are new.",
    )


def row_granted_before(*, place: Text, identifier: str) -> Text:
    return Text(
        f"{place.zh}：早先已颁发（{identifier}），不会重复颁发。",
        f"{place.en}: granted before as {identifier}; not granted again.",
    )


def row_out_of_force(*, place: Text, identifier: str) -> Text:
    return Text(
        f"{place.zh}：曾颁发（{identifier}），已失效，不会再颁发。",
        f"{place.en}: granted before as {identifier} and out of force; stays so.",
    )


def differing_licence_kept(*, place: Text, identifier: str) -> Text:
    return Text(
        f"{place.zh}：与已颁发的 {identifier} 不同，按要求未作更改。",
        f"{place.en}: differs from {identifier}, granted before; left as it is.",
    )


def licence_not_granted_again(
    *, place: Text, identifier: str, state_words: Text, state: str
) -> Text:
    return Text(
        f"{place.zh}：早先已颁发（{identifier}），现{state_words.zh}，未重新颁发。",
        f"{place.en}: granted earlier ({identifier}) and {state} now; not granted again.",
    )
