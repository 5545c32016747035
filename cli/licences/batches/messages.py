"""Messages of `cli.licences.batches` in Chinese and English."""

from collections.abc import Mapping
from pathlib import Path
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


NO_REMARKS: Final = Text(
    "各行均无须改正，未写出批注表。", "There is nothing to mend; no sheet with remarks was written."
)


REMARKS_OVER_SHEET: Final = Text(
    "批注表不能写在原表上，请换一个文件名。",
    "The sheet with remarks would take the sheet's own place; give another file name.",
)


def remarks_in_other_form(ending: str) -> Text:
    return Text(
        f"批注表与原表同一格式，文件名请以 {ending} 结尾。",
        f"The sheet with remarks has the form of the sheet: end its name with {ending}.",
    )


def remarks_written(*, rows: int, path: Path) -> Text:
    return Text(
        f"批注表：{path}，{rows} 行有批注。在其中改正后可直接再用，批注列不会读入。",
        f"Sheet with remarks on {counted(rows, 'row')}: {path}. Mend it there and use it in the "
        "sheet's place: the column of remarks is not read.",
    )


AGREE: Final = Text("样页无误，可以颁发？", "Are the pages as they should be: grant them?")
NOT_AGREED: Final = Text("未颁发。", "Nothing was granted.")
OTHER_SAMPLE: Final = Text(
    "代码与当前的表格、照片、证照类型或选项不符，未颁发。请用 xinyin batch sample 重新查看样页。",
    "The code belongs to another sheet, photo, type definition or setting; nothing was granted. "
    "Look at the pages again with xinyin batch sample.",
)


def sample_of_row(*, place: Text, why: Text) -> Text:
    return Text(f"{place.zh}：{why.zh}。", f"{place.en}: {why.en}.")


def agree_with(*, code: str, rows: int) -> Text:
    return Text(
        f"尚未颁发。样页无误的，xinyin batch run 加 --agree {code}（共 {rows} 行）。",
        f"Nothing is granted yet. If the pages are right, give xinyin batch run --agree {code} "
        f"({counted(rows, 'row')}).",
    )


def sample_to_be_agreed(*, rows: int, most: int, code: str) -> Text:
    return Text(
        f"将颁发 {rows} 行，超过 {most} 行须先看样页，无误后 xinyin batch run --agree {code}。"
        "样页用 xinyin batch sample 写出；每次可免看的行数由配置 issuing.unagreed_rows 规定。",
        f"{counted(rows, 'row')} would be granted. For more than {most}, give xinyin batch run "
        f"--agree {code} once the sample of the pages is as it should be; xinyin batch sample "
        "writes it. The setting "
        "issuing.unagreed_rows says how many need none.",
    )


NO_RUNS: Final = Text("还没有批次。", "There are no runs yet.")
RESULT_COLUMNS: Final[Mapping[str, Text]] = {
    "row": Text("行", "Row"),
    "result": Text("结果", "Result"),
    "identifier": Text("证照标识", "Identifier"),
    "number": Text("证照编号", "Number"),
    "file": Text("文件", "File"),
    "remark": Text("说明", "Remark"),
}
RESULT_GRANTED: Final = Text("已颁发", "granted")
RESULT_BEFORE: Final = Text("早先已颁发", "granted before")
RESULT_SKIPPED: Final = Text("未作更改", "left alone")
RESULT_FAILED: Final = Text("未成", "failed")


def no_such_run(run_id: str) -> Text:
    return Text(
        f"没有批次“{run_id}”（xinyin batch list 查看）。",
        f"There is no run “{run_id}”; see xinyin batch list.",
    )


def results_as_sheet(file_name: str) -> Text:
    return Text(
        f"“{file_name}”是各行结果，不是原表。请在原表中改正后再办理，已颁发的不会重复颁发。",
        f"“{file_name}” holds the results of a run, not its sheet. Mend the sheet and run that: "
        "nothing is granted twice.",
    )


def run_under_way(run_id: str) -> Text:
    return Text(
        f"批次 {run_id} 正在办理同一张表。请等它办完，或用 xinyin batch pause {run_id} 暂停。",
        f"Run {run_id} is at the same sheet right now. Wait for its end, or pause it: xinyin batch "
        f"pause {run_id}.",
    )


def run_not_under_way(run_id: str) -> Text:
    return Text(
        f"批次 {run_id} 没有在本机办理。", f"Run {run_id} is not under way on this machine."
    )


def cancel_action(run_id: str) -> Text:
    return Text(f"取消批次 {run_id} 的其余各行", f"Cancel what is left of run {run_id}")


def run_over(run_id: str) -> Text:
    return Text(f"批次 {run_id} 已办完，或已取消。", f"Run {run_id} is over, or was cancelled.")


def pause_asked(run_id: str) -> Text:
    return Text(
        f"批次 {run_id} 办完手头的行后暂停。接着办理：xinyin batch resume {run_id}。",
        f"Run {run_id} pauses after the rows in hand. Go on with xinyin batch resume {run_id}.",
    )


def cancel_asked(run_id: str) -> Text:
    return Text(
        f"批次 {run_id} 办完手头的行后取消。已颁发的仍然有效。",
        f"Run {run_id} is cancelled after the rows in hand. What was granted stands.",
    )


def run_cancelled(run_id: str) -> Text:
    return Text(
        f"批次 {run_id} 已取消。已颁发的仍然有效。",
        f"Run {run_id} is cancelled. What was granted stands.",
    )


def cancelled_stays(run_id: str) -> Text:
    return Text(
        f"批次 {run_id} 已取消，不能接着办理。仍要办理的，用 xinyin batch run 重新办理该表，"
        "已颁发的不会重复颁发。",
        f"Run {run_id} was cancelled. To grant the rest nevertheless, run the sheet anew with "
        "xinyin batch run: nothing is granted twice.",
    )


def go_on_with(run_id: str) -> Text:
    return Text(
        f"已暂停。接着办理：xinyin batch resume {run_id}。",
        f"Paused. Go on with xinyin batch resume {run_id}.",
    )


CANCELLED: Final = Text("已取消，已颁发的仍然有效。", "Cancelled; what was granted stands.")


def sheet_changed(path: str) -> Text:
    return Text(
        f"“{path}”已不是当时的表格。改过的表格请用 xinyin batch run 办理，已颁发的不会重复颁发。",
        f"“{path}” is not the sheet that it was. Run a mended sheet with xinyin batch run: nothing "
        "is granted twice.",
    )


def out_is_no_folder(out: Path) -> Text:
    return Text(
        f"证照和各行结果须写入文件夹，“{out}”是文件。",
        f"Licences and results are written to a folder; “{out}” is a file.",
    )


def sheet_counts(*, good: int, problems: int) -> Text:
    return Text(
        f"{good} 行可颁发，{problems} 处问题",
        f"{counted(good, 'row')} can be granted; {counted(problems, 'problem')}",
    )


def batch_closed(
    *,
    granted: int,
    before: int,
    skipped: int,
    failed: int,
    untried: int,
    took: Text,
    run_id: str,
    results: Path | str,
) -> Text:
    return Text(
        f"新颁发 {granted} 行，早先已颁发 {before} 行，未作更改 {skipped} 行，未成 {failed} 行，"
        f"未办 {untried} 行。用时 {took.zh}。批次 {run_id}。各行结果：{results}",
        f"{granted} granted, {before} granted before, {skipped} left alone, {failed} failed, "
        f"{untried} not tried. It took {took.en}. Run {run_id}. Each row's result: {results}",
    )


def files_unwritten(count: int, run_id: str) -> Text:
    return Text(
        f"已颁发但文件未能写入的：{count} 份。写入文件：xinyin batch resume {run_id}。",
        f"Granted, but could not be written: {count}. Write what is missing: xinyin batch resume "
        f"{run_id}.",
    )


def hours(whole: int, minutes: int) -> Text:
    return Text(f"{whole} 小时 {minutes} 分", f"{whole} h {minutes} min")


def minutes(whole: int, seconds: int) -> Text:
    return Text(f"{whole} 分 {seconds} 秒", f"{whole} min {seconds} s")


def seconds(said: str) -> Text:
    return Text(f"{said} 秒", f"{said} s")


def at_rate(took: Text, rate: str) -> Text:
    return Text(f"{took.zh}（每秒 {rate} 行）", f"{took.en} ({rate} a second)")


def rehearsed(*, granted: int, before: int, waiting: int, failed: int, took: Text) -> Text:
    return Text(
        f"试办（未取号、未签章）：可颁发 {granted} 行，早先已颁发 {before} 行，"
        f"待决定 {waiting} 行，不能颁发 {failed} 行。用时 {took.zh}。",
        f"Dry run, no number taken, nothing sealed: {granted} would be granted, {before} granted "
        f"before, {waiting} to be decided, {failed} would fail. It took "
        f"{took.en}.",
    )
