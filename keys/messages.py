"""Messages of `keys` in Chinese and English."""

from pathlib import Path
from typing import Final

from core.text import Text, counted

DIGEST_UNSUPPORTED: Final = Text(
    "不支持此摘要算法。请用 SHA-256、SHA-384 或 SHA-512。",
    "This digest is not supported. Use SHA-256, SHA-384 or SHA-512.",
)
INVALID_KEY_NAME: Final = Text(
    "密钥名只能含小写字母、数字和连字符。",
    "A key's name holds lower-case letters, digits and hyphens only.",
)
KEY_ALGORITHM_OR_SIZE_UNSUPPORTED: Final = Text(
    "不支持此密钥的算法或长度。请使用 P-256、P-384、RSA-3072 或 ML-DSA。",
    "This key's algorithm or size is not supported. Use P-256, P-384, RSA-3072 or ML-DSA.",
)
KEY_ALGORITHM_UNSUPPORTED: Final = Text(
    "不支持此密钥的算法。", "This key's algorithm is not supported."
)
MODULE_PATH_MISSING: Final = Text(
    "缺少 module-path", "module-path (the vendor's library) is missing"
)
PASSPHRASES_DIFFER: Final = Text(
    "两次输入不一致。请重新运行。", "The two passphrases differ. Run it again."
)
PIN_NOT_UTF8: Final = Text("PIN 不是 UTF-8。", "The PIN is not UTF-8.")
PIN_VALUE_REFUSED: Final = Text(
    "不接受 pin-value：PIN 不得写入地址。请用 pin-source=file:…、描述符、systemd 凭据或终端",
    "pin-value is refused: a PIN must not stand in an address. Use pin-source=file:…, a "
    "descriptor, a systemd credential or the terminal",
)
PKCS11_SCHEME_REQUIRED: Final = Text("须以 pkcs11: 开头", "it must begin with pkcs11:")
SLOT_ID_NOT_DECIMAL: Final = Text("slot-id 须为十进制数", "slot-id must be a decimal number")
TOKEN_ADDRESS_AMBIGUOUS: Final = Text(
    "令牌地址对应多个令牌。请在地址中加上 serial。",
    "The address names several tokens. Add serial to it.",
)
TOKEN_KEY_EXTRACTABLE: Final = Text(
    "令牌中的这把私钥可以被导出，不予使用。请生成新密钥。",
    "This private key could be read out of the token and is not used. Generate a new one.",
)
TOKEN_KEY_NOT_EXPORTABLE: Final = Text(
    "私钥在令牌中，只能用于签名，不能导出。",
    "The private key is on a token: it signs, and does not leave it.",
)
TOKEN_KEY_SIGNING_FORBIDDEN: Final = Text(
    "令牌中的这把私钥不允许签名。", "This private key on the token may not sign."
)
TOKEN_NOT_FOUND: Final = Text(
    "没有找到密码设备（PKCS#11 令牌）。请检查令牌是否接好、地址是否正确。",
    "The token was not found. Check that it is connected, and its address.",
)
TOKEN_PIN_LAST_TRY: Final = Text(
    "令牌只剩最后一次输入 PIN 的机会，未作尝试。请先用厂商工具登录一次。",
    "The token allows one last try of its PIN, which was not taken. Log in once with the "
    "vendor's tool first.",
)
TOKEN_PIN_REFUSED: Final = Text(
    "令牌拒绝了 PIN（可能已锁定）。为免锁死，本进程不再尝试；请核对 PIN 后重新启动。",
    "The token refused the PIN, or is locked. This process will not try again, so as not to "
    "lock it; check the PIN and start again.",
)
TOKEN_RSA_PADDING_UNSUPPORTED: Final = Text(
    "令牌中的 RSA 密钥只作 PKCS#1 v1.5 签名。", "An RSA key on a token signs by PKCS#1 v1.5 only."
)
TOKEN_SIGNATURE_WRONG_LENGTH: Final = Text(
    "令牌给出的签名长度不对。", "The token returned a signature of a wrong length."
)


def absolute_path_required(attribute: str) -> Text:
    return Text(f"{attribute} 须为绝对路径", f"{attribute} must be an absolute path")


def attribute_unsupported(attribute: str) -> Text:
    return Text(f"不支持属性“{attribute}”", f"the attribute “{attribute}” is not supported")


def attribute_value_malformed(attribute: str) -> Text:
    return Text(f"{attribute} 的值不正确", f"the value of {attribute} is malformed")


def attribute_value_not_utf8(attribute: str) -> Text:
    return Text(f"{attribute} 的值不是 UTF-8", f"the value of {attribute} is not UTF-8")


def attribute_value_unprintable(attribute: str) -> Text:
    return Text(
        f"{attribute} 的值含不可见字符", f"the value of {attribute} holds unprintable characters"
    )


def duplicate_attribute(attribute: str) -> Text:
    return Text(f"{attribute} 重复", f"{attribute} is there twice")


def key_already_exists(key_id: str) -> Text:
    return Text(
        f"密钥“{key_id}”已存在，未作改动。",
        f"The key “{key_id}” exists already; nothing was changed.",
    )


def key_decryption_failed(key_id: str) -> Text:
    return Text(
        f"无法用该口令解密密钥“{key_id}”：口令有误，或密钥文件被改动过。",
        f"The passphrase does not open the key “{key_id}”, or its file was changed.",
    )


def key_destroyed(key_id: str) -> Text:
    return Text(
        f"密钥“{key_id}”已登记销毁，不再使用。",
        f"The key “{key_id}” is on record as destroyed and is not used.",
    )


def key_domain_out_of_reach(*, domain: str, purpose_label: Text, purpose: str) -> Text:
    return Text(
        f"本进程不能使用“{domain}”域的密钥（用途：{purpose_label.zh}）。",
        f"This process may not reach keys of the domain “{domain}” (for {purpose}).",
    )


def key_file_damaged(key_id: str) -> Text:
    return Text(
        f"密钥“{key_id}”的文件已损坏。请从备份恢复。",
        f"The file of the key “{key_id}” is damaged. Restore it from a backup.",
    )


def key_purpose_mismatch(
    *, key_id: str, actual_label: Text, wanted_label: Text, actual: str, wanted: str
) -> Text:
    return Text(
        f"密钥“{key_id}”的用途是{actual_label.zh}，不能用于{wanted_label.zh}。",
        f"The key “{key_id}” is for {actual} and may not serve for {wanted}.",
    )


def key_retired(key_id: str) -> Text:
    return Text(
        f"密钥“{key_id}”已停用，不再签新的内容。请改用在用的密钥（xinyin key list）。",
        f"The key “{key_id}” is retired and signs nothing new. Use one that is active (xinyin "
        "key list).",
    )


def no_passphrase_source(credential: str, option: str) -> Text:
    return Text(
        f"需要口令（{credential}），但没有来源。请用 {option}-file、{option}-fd、"
        "systemd 凭据，或在终端中运行。",
        f"A passphrase ({credential}) is needed and there is no source for it. Use "
        f"{option}-file, {option}-fd, a systemd credential, or run in a terminal.",
    )


def no_such_key(key_id: str) -> Text:
    return Text(
        f"没有名为“{key_id}”的密钥。请用 xinyin key list 查看。",
        f"There is no key named “{key_id}”. See xinyin key list.",
    )


def object_attribute_refused(attribute: str) -> Text:
    return Text(
        f"{attribute} 指的是令牌中的对象；此处只需指明令牌",
        f"{attribute} names an object; only the token is to be named here",
    )


def passphrase_descriptor_unreadable(descriptor: int, option: str) -> Text:
    return Text(
        f"无法从描述符 {descriptor} 读取口令。请检查 {option}-fd。",
        f"Could not read the passphrase from descriptor {descriptor}. Check {option}-fd.",
    )


def passphrase_file_inside_home(file: Path) -> Text:
    return Text(
        f"口令文件“{file}”在数据目录之内。请移到目录之外。",
        f"The passphrase file “{file}” lies within the home. Move it elsewhere.",
    )


def passphrase_too_short(min_bytes: int) -> Text:
    return Text(
        f"口令太短：至少 {min_bytes} 个字节。",
        f"The passphrase is too short: at least {counted(min_bytes, 'byte')}.",
    )


def pkcs11_module_file_unsafe(path: Path) -> Text:
    return Text(
        f"PKCS#11 模块“{path}”不是普通文件，或可被任何人改写。",
        f"The PKCS#11 module “{path}” is no regular file, or anyone may write to it.",
    )


def pkcs11_module_missing(*, path: Path, cause_zh: str, strerror: str | None) -> Text:
    return Text(
        f"没有 PKCS#11 模块“{path}”：{cause_zh}。",
        f"There is no PKCS#11 module “{path}”: {strerror}.",
    )


def pkcs11_module_not_loadable(path: Path) -> Text:
    return Text(
        f"“{path}”不是可用的 PKCS#11 模块。", f"“{path}” is no PKCS#11 module that can be loaded."
    )


def pkcs11_module_start_failed(*, path: Path, error_name: str) -> Text:
    return Text(
        f"PKCS#11 模块“{path}”无法启动（{error_name}）。请检查令牌后重试。",
        f"The PKCS#11 module “{path}” does not start ({error_name}). Check the token and try "
        "again.",
    )


def signature_public_key_mismatch(key_id: str) -> Text:
    return Text(
        f"密钥“{key_id}”的签名与其公钥不符。",
        f"A signature of the key “{key_id}” does not match its public key.",
    )


def token_address_invalid(problem: Text) -> Text:
    return Text(f"令牌地址有误：{problem.zh}。", f"The token's address cannot hold: {problem.en}.")


def token_address_too_long(max_characters: int) -> Text:
    return Text(f"超过 {max_characters} 个字符", f"it is longer than {max_characters}")


def token_algorithm_unsupported(algorithm: str) -> Text:
    return Text(
        f"令牌不支持 {algorithm}。令牌上请用 P-256、P-384 或 RSA-3072。",
        f"{algorithm} is not supported on a token. Use P-256, P-384 or RSA-3072 there.",
    )


def token_key_name_ambiguous(key_id: str) -> Text:
    return Text(
        f"令牌中有两把名为“{key_id}”的密钥，不作猜测。请用厂商工具核对并改名或删除其一。",
        f"Two keys on the token bear the name “{key_id}”, and none is guessed. Compare them "
        "with the vendor's tool and remove one.",
    )


def token_key_objects_damaged(key_id: str) -> Text:
    return Text(
        f"令牌中密钥“{key_id}”的对象不完整或无法识别。",
        f"The objects of the key “{key_id}” on the token are damaged or of no known kind.",
    )


def token_key_replaced(key_id: str) -> Text:
    return Text(
        f"令牌中的“{key_id}”已是另一把密钥。", f"The “{key_id}” on the token is another key now."
    )


def token_gave_no_answer(*, path: Path, seconds: int) -> Text:
    return Text(
        f"令牌的驱动库“{path}”在 {seconds} 秒内没有应答，在它应答之前本进程不再使用令牌。请检查令牌"
        "及其网络和服务，然后用同一命令重试；常驻服务在令牌恢复后仍出现本提示的，请重启服务。",
        f"The token's library “{path}” gave no answer within {seconds} s; until it does, this "
        "process asks nothing more of the token. Check the token, its network and its service, "
        "then give the same command again; restart a running service that says this when the "
        "token is back.",
    )


def token_operation_failed(error_name: str) -> Text:
    return Text(
        f"令牌无法完成操作（{error_name}）。请检查令牌后重试。",
        f"The token could not do it ({error_name}). Check the token and try again.",
    )


def token_public_key_missing(key_id: str) -> Text:
    return Text(
        f"令牌中密钥“{key_id}”只有私钥对象，缺少公钥对象。请用厂商工具补上公钥，或销毁此密钥。",
        f"Of the key “{key_id}” the token holds the private object only. Restore the public "
        "one with the vendor's tool, or destroy the key.",
    )
