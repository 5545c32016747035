"""Messages of `cli` in Chinese and English."""

from pathlib import Path
from typing import Final

from core.text import Text, counted

MAKING_SEALS: Final = Text("制作印章", "Making seals")
OUTPUT: Final = Text("输出", "the output")
SERVING: Final = Text("服务运行中，按 Ctrl-C 结束。", "Serving; press Ctrl-C to end.")
TLS_OPTIONS: Final = Text(
    "--tls-certificate 与 --tls-key 须同用，--client-ca 与二者同用；verify 和 trust 角色的 TLS 由"
    "代理终止。",
    "--tls-certificate and --tls-key go together, --client-ca with both; the TLS of the roles "
    "verify and trust is a proxy's.",
)
USCC_INVALID: Final = Text(
    "--uscc 不是正确的统一社会信用代码。它将写入所有 CA 证书，请核对。",
    "--uscc is not a correct unified social credit code. It is written into every CA "
    "certificate; compare it with the original.",
)
VERIFYING: Final = Text("核验", "Verifying")

ROOT_CERTIFICATE_ALONE: Final = Text(
    "--root-certificate 须与 --offline-root 一起使用，否则会自建根证书。未作任何更改。",
    "--root-certificate goes with --offline-root; without it a root would be made here. Nothing "
    "was done.",
)


def address_malformed(*, option: str, address: str, max_bytes: int) -> Text:
    return Text(
        f"{option} {address} 不是正确的网址。请核对域名和端口，不要带账号、空格或 #，域名不要"
        f"以点结尾，总长不要超过 {max_bytes} 字节。",
        f"{option} {address} is no correct address. Look at its name and port; it must not "
        "hold an account, blanks or a #, nor a dot at the end of its name, nor be longer "
        f"than {counted(max_bytes, 'byte')}.",
    )


def demo_in_real_home(directory: Path) -> Text:
    return Text(
        f"“{directory}”是正式的数据目录，不能用于演示。请另选 --home。",
        f"“{directory}” is a home in earnest; a demo must not grant in it. Choose another --home.",
    )


def demo_made(directory: Path, url: str, port: str) -> Text:
    serve = f"xinyin serve --home {directory} --port {port}"
    return Text(
        f"PDF 文件：{directory / 'demo'}\n核验页面：{url}（先运行 make demo SERVE=1，或 {serve}）",
        f"PDFs: {directory / 'demo'}\nPage: {url} (after make demo SERVE=1, or {serve})",
    )


def granting_type(type_name: Text) -> Text:
    return Text(f"颁发{type_name.zh}", f"Granting: {type_name.en}")


def home_already_certified(directory: Path) -> Text:
    return Text(
        f"数据目录 {directory} 的签发CA已有证书，未作改动。",
        f"The issuing CA of the home {directory} has its certificate already; nothing was changed.",
    )


def home_awaits_certificate(directory: Path) -> Text:
    return Text(
        f"数据目录 {directory} 等待证书；根签发后请用 xinyin ca import 导入。",
        f"The home {directory} waits for its certificate: once the root has signed, take it "
        "in with xinyin ca import.",
    )


def home_ready(directory: Path) -> Text:
    return Text(
        f"数据目录已就绪：{directory}\n下一步：xinyin authority add 短名 --name 机构全称 "
        "--uscc 统一社会信用代码 --level city_or_county",
        f"The home is ready: {directory}\nNext: xinyin authority add SHORT-NAME --name LEGAL-NAME "
        "--uscc USCC --level city_or_county",
    )


def unexpected_outcome(*, path: str, expected: Text, found: Text) -> Text:
    return Text(
        f"与预期不符：应为“{expected.zh}”，实为“{found.zh}”：{path}",
        f"UNEXPECTED: {found.en} instead of {expected.en}: {path}",
    )


def internal_error(error_type: str) -> Text:
    return Text(
        f"内部错误（{error_type}）。设 XINYIN_DEBUG=1 再次运行可看到详情，其中可能含个人信息。",
        f"Internal error ({error_type}). Run again with XINYIN_DEBUG=1 for the details, which "
        "may hold personal data.",
    )


def making_demo_home(directory: Path) -> Text:
    return Text(f"在 {directory} 建立演示目录。", f"Making a demo home in {directory}.")


def pki_url_not_public(pki_url: str) -> Text:
    return Text(
        f"--pki-url {pki_url} 不是公网域名：印章证书不能写入本机、内网或 IP 地址，此后将无法制"
        "作印章。请用正式域名；只是试用请加 --demo。",
        f"--pki-url {pki_url} is no public domain name: certificates of seals may not name "
        "loopback, internal or IP addresses, so that no seal could ever be made. Use the "
        "real name; to try it out, add --demo.",
    )


def public_url_loopback(public_url: str) -> Text:
    return Text(
        f"--public-url 是本机地址 {public_url}，它将印在二维码上，其他人打不开。请用正式地址；"
        "只是试用请加 --demo。",
        f"--public-url is the loopback address {public_url}, printed into QR codes that "
        "nobody else could open. Use the real address; to try it out, add --demo.",
    )


def random_passphrase_stored(path: Path) -> Text:
    return Text(f"随机口令存于 {path}。", f"A random passphrase is in {path}.")


def read_write_failed(*, target: Text, cause_zh: str, remedy: Text, strerror: str | None) -> Text:
    return Text(
        f"无法读写{target.zh}：{cause_zh}。{remedy.zh}",
        f"Could not read or write {target.en}: {strerror}. {remedy.en}",
    )
