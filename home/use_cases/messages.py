"""Messages of `home.use_cases` in Chinese and English."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from core.text import Text

CEREMONY_USCC_INVALID: Final = Text(
    "仪式文件中的 uscc 不是正确的统一社会信用代码。",
    "uscc in the ceremony's file is not a correct unified social credit code.",
)
DATABASE_TAKEN: Final = Text(
    "数据库中已有另一个数据目录的登记库，未作任何更改。请用 XINYIN_DATABASE_URL 另指一个空的数据"
    "库；要找回原来的数据目录，请用 xinyin restore。",
    "The database holds the register of another home already; nothing was changed. Name an empty "
    "one in XINYIN_DATABASE_URL; to bring that home back, use xinyin restore.",
)
HOME_AWAITS_OFFLINE_ROOT: Final = Text(
    "此数据目录在等待别处的根签发证书。请用 xinyin ca import，或加 --offline-root。",
    "This home waits for a root that is elsewhere. Use xinyin ca import, or say --offline-root.",
)
NO_PENDING_ISSUING_CA: Final = Text(
    "没有等待证书的签发CA。新建一个请用 --new，只要证书撤销列表请用 --crl。",
    "No issuing CA waits for a certificate. Prepare one with --new; ask for a CRL only with --crl.",
)
ROOT_KEY_HELD_ELSEWHERE: Final = Text(
    "根的密钥不在此数据目录。请用 xinyin ca request --new，由根签发后用 xinyin ca import 导入。",
    "The root's key is not in this home. Use xinyin ca request --new, have the root sign it, "
    "and take it in with xinyin ca import.",
)
SINGLE_CERTIFICATE_REQUIRED: Final = Text(
    "--certificate 须只含一张证书", "--certificate holds one certificate"
)


def directory_creation_failed(
    *, directory: Path, cause_zh: str, remedy: Text, strerror: str | None
) -> Text:
    return Text(
        f"无法建立目录“{directory}”：{cause_zh}。{remedy.zh}",
        f"Could not make the directory “{directory}”: {strerror}. {remedy.en}",
    )


def home_settings_differ(directory: Path) -> Text:
    return Text(
        f"“{directory}”已是另一套设置的数据目录，未作改动。",
        f"“{directory}” is a home with other settings; nothing was changed.",
    )


def issuing_ca_already_certified(issuer: str) -> Text:
    return Text(
        f"{issuer} 已有证书，请用 xinyin ca rollover 启用。",
        f"{issuer} has its certificate; put it to use with xinyin ca rollover.",
    )


def key_purpose_mismatch(*, key_id: str, purpose_label: Text, purpose: str) -> Text:
    return Text(
        f"密钥“{key_id}”的用途是{purpose_label.zh}，不能用于此证书。",
        f"The key “{key_id}” is for “{purpose}”, not for such a certificate.",
    )


def key_left_use(key_id: str) -> Text:
    return Text(
        f"密钥“{key_id}”已停用，不能再签发证书。请用另一个密钥。",
        f"The key “{key_id}” has left use and is certified no more. Use another key.",
    )


def rolled_over_meanwhile(agreed: str, now: str) -> Text:
    return Text(
        f"{agreed} 已由他人更换，现在在用的是 {now}，未再更换。请用 xinyin ca list 查看。",
        f"Somebody else has replaced {agreed} meanwhile, and {now} is in use now; it was not "
        "replaced again. See xinyin ca list.",
    )


def no_such_root(root: str, known: Iterable[str]) -> Text:
    return Text(
        f"没有根CA“{root}”。登记的有：{'、'.join(known)}。",
        f"There is no root “{root}”. On record are: {', '.join(known)}.",
    )


def no_such_issuing_ca(issuer: str, known: Iterable[str]) -> Text:
    return Text(
        f"没有签发CA“{issuer}”。登记的有：{'、'.join(known)}。",
        f"There is no issuing CA “{issuer}”. On record are: {', '.join(known)}.",
    )
