"""Messages of `registry.accession` in Chinese and English."""

from typing import Final

from core.text import Text

AUTHORITY_HERE: Final = Text(
    "归档包的颁发机构在本登记库中登记，它的证照只由本登记库颁发，未导入。请核实归档包的来源。",
    "The authority that the package names is on record here, and its licences are granted here "
    "alone. Nothing was taken in: find out where the package is from.",
)
BAD_FILE_NAME: Final = Text(
    "归档包内有不允许的文件名，未导入任何内容。请向制作单位重新索取。",
    "A file in the package has a name that none has. Nothing was taken in: ask whoever made it for "
    "another.",
)
DIFFERS_FROM_REGISTER: Final = Text(
    "归档包使用了本登记库的证照标识，但文件与登记的不同，未导入任何内容。"
    "请运行 xinyin audit verify，并核实归档包的来源。",
    "The package bears an identifier of this register, and another document than the one on "
    "record. Nothing was taken in: run xinyin audit verify, and find out where it is from.",
)
EVENTS_BROKEN: Final = Text(
    "归档包内的审计事件不完整或被改动，未导入任何内容。",
    "The events in the package are incomplete or altered. Nothing was taken in.",
)
GRANTED_HERE: Final = Text(
    "这份证照是本登记库颁发的，不需要导入。",
    "This licence was granted in this register: there is nothing to take in.",
)
LATER_ON_RECORD: Final = Text(
    "这份证照已按更新的归档包接收入库，较早的归档包不再导入，原记录未变。",
    "A later package of this licence was taken in already. What is on record stands.",
)
LOST_HERE: Final = Text(
    "归档包由本登记库制作，但登记库中没有这份证照：登记库可能缺失记录。归档包不能补回记录，未导入。"
    "请运行 xinyin doctor，并从备份和恢复日志恢复。",
    "This register made the package and has no such licence: it may have lost records. A package "
    "brings none back, and nothing was taken in: run xinyin doctor, and restore from backup and "
    "journal.",
)
MANIFEST_UNREADABLE: Final = Text(
    "归档包的清单（manifest.json）无法读取，未导入任何内容。请向制作单位重新索取。",
    "The package's manifest.json cannot be read. Nothing was taken in: ask whoever made it for "
    "another.",
)
METADATA_MISSING: Final = Text(
    "签章文件中没有可读取的元数据，登记信息无从核对，未导入任何内容。",
    "The sealed document holds no metadata that can be read, so that the record cannot be compared "
    "with it. Nothing was taken in.",
)
NOTHING_SEALED: Final = Text(
    "该标识下没有已签章的文件，不能归档。未办完的颁发请先续办或作废。",
    "Nothing was sealed under this identifier, so there is nothing to pack. Finish or void the "
    "grant first.",
)
NOT_A_PACKAGE: Final = Text(
    "文件不是归档包，或已损坏。请选择 xinyin archive export 写出的 .zip 文件。",
    "The file is no archive package, or is damaged. Choose a .zip as xinyin archive export writes "
    "it.",
)
NUMBER_HELD: Final = Text(
    "本登记库中已有持此编号的同类证照，未登记。",
    "A licence of the type holds this number in this register. Nothing was recorded.",
)
OTHER_IDENTIFIER: Final = Text(
    "签章文件上的证照标识与清单不符，未导入任何内容。",
    "The sealed document bears another identifier than the manifest. Nothing was taken in.",
)
PACKAGE_IN_OTHER_FORM: Final = Text(
    "归档包被重新打包过，或附加了内容，未导入任何内容。请使用制作单位交付的原始文件。",
    "The package was packed anew, or something was added to it. Nothing was taken in: use the file "
    "as it was handed over.",
)
PACKAGE_README: Final = """\
电子证照归档包 Archive package of an electronic licence

document.pdf        签章文件原样 The sealed PDF, byte for byte, with the archive's timestamps
metadata.json/.xml  登记信息 The record (GB/T 36903 names where there are any)
events.jsonl        审计事件 Audit events, each with the hash before it
type.toml           颁发时的证照类型定义 The definition of its type when it was granted
certificates/       证书 Certificates, DER
validation/         证书撤销列表与 OCSP 应答 CRLs and OCSP responses, DER
signatures/         签章（CMS）与时间戳 Seals and signatures (CMS) and timestamp tokens, DER
manifest.json       清单：各文件的 SHA-256 与 SM3 Manifest: SHA-256 and SM3 of each file
manifest.sig        清单的签名 Signature of the manifest

脱离系统验证 To check it without the system:

  openssl dgst -sha256 -verify archive-1.pem -signature manifest.sig manifest.json
  jq -r '.files[] | .sha256 + "  " + .name' manifest.json | sha256sum --check --strict

archive-1.pem 须由制作单位另行提供，不能只信本包内的 signer.pem。
Take archive-1.pem from whoever made the package, by another way; signer.pem in here is a copy.
"""
RECORD_UNREADABLE: Final = Text(
    "归档包内的登记信息（metadata.json）无法读取或前后矛盾，未导入任何内容。",
    "The record in the package (metadata.json) cannot be read or contradicts itself. Nothing was "
    "taken in.",
)
REVISIONS_DIFFER: Final = Text(
    "签章文件与清单或事件所载的摘要值不符，未导入任何内容。",
    "The sealed document has other digests than manifest and events say. Nothing was taken in.",
)
SEAL_BROKEN: Final = Text(
    "签章文件的签章不成立，或签章之后被改动，未导入任何内容。",
    "A signature of the sealed document does not hold, or it was changed since. Nothing was taken "
    "in.",
)
SEAL_OF_ANOTHER: Final = Text(
    "签章不是登记信息所载颁发机构的印章，未导入任何内容。",
    "The seal is not of the authority that the record names. Nothing was taken in.",
)
SIGNER_UNKNOWN: Final = Text(
    "清单的签名与所给的公钥都不符，未导入任何内容。请用 --signer 给出制作单位另行提供的公钥。",
    "The manifest is signed by none of the keys that were given. Nothing was taken in: give the "
    "maker's key, got by another way, with --signer.",
)
STATE_DIFFERS: Final = Text(
    "登记信息中的状态与事件不符，未导入任何内容。",
    "The record has another state than the events leave. Nothing was taken in.",
)
TAKEN_OVER_OTHERWISE: Final = Text(
    "这份证照已接收入库，但当时的内容不同，原记录未变。请核对两次的材料。",
    "This licence was taken over before, and something else was said of it then. What is on record "
    "stands: compare the two.",
)


def compressed_file(name: str) -> Text:
    return Text(
        f"归档包内的 {name} 是压缩存放的；归档包只原样存放。未导入任何内容。",
        f"{name} is compressed; a package stores its files as they are. Nothing was taken in.",
    )


def duplicate_file(name: str) -> Text:
    return Text(
        f"归档包内有两个 {name}，未导入任何内容。",
        f"The package has {name} twice. Nothing was taken in.",
    )


def encrypted_file(name: str) -> Text:
    return Text(
        f"归档包内的 {name} 已加密；归档包不加密。未导入任何内容。",
        f"{name} is encrypted; a package is not. Nothing was taken in.",
    )


def metadata_differs(name: str) -> Text:
    return Text(
        f"登记信息与签章文件中的元数据不一致（{name[:40]}），未导入任何内容。",
        f"The record does not say what the sealed document says ({name[:40]}). Nothing was taken "
        "in.",
    )


def no_regular_file(name: str) -> Text:
    return Text(
        f"归档包内的 {name} 不是普通文件（例如链接），未导入任何内容。",
        f"{name} is no regular file (a link, for example). Nothing was taken in.",
    )


def package_too_large(megabytes: int) -> Text:
    return Text(
        f"归档包超过 {megabytes} MiB，未读取。",
        f"The package is larger than {megabytes} MiB, and was not read.",
    )


def package_version_unknown(version: str) -> Text:
    return Text(
        f"归档包的格式版本 {version[:20]} 本版本不认识。请升级后再导入。",
        f"The package is of format version {version[:20]}, which this version does not know. "
        "Upgrade first.",
    )


def too_many_files(limit: int) -> Text:
    return Text(
        f"归档包内的文件超过 {limit} 个，未导入任何内容。",
        f"The package has too many files (limit: {limit}). Nothing was taken in.",
    )


def file_unreadable(name: str, why: Text) -> Text:
    return Text(f"无法读取 {name}：{why.zh}。", f"{name} cannot be read: {why.en}.")


def other_file_there(name: str) -> Text:
    return Text(
        f"{name} 已存在，但不是这份归档包，未覆盖。请移走该文件后再执行。",
        f"{name} is there and is another file; it was not overwritten. Move it away and run this "
        "again.",
    )


DOCUMENT_NOT_JUDGED: Final = Text(
    "现在无法检查签章文件，这是本软件的原因，不说明归档包有问题。"
    "请运行 xinyin doctor，然后再执行一次。",
    "The sealed document could not be looked at just now: that is our failure, and says nothing of "
    "the package. Run xinyin doctor, then the same command again.",
)


def document_unjudged(structure: str) -> Text:
    return Text(
        f"签章文件无法判断（{structure}），未导入任何内容。",
        f"The sealed document could not be judged ({structure}). Nothing was taken in.",
    )


def file_differs(name: str) -> Text:
    return Text(
        f"归档包内的 {name} 与清单不符，未导入任何内容。",
        f"{name} is not as the manifest says. Nothing was taken in.",
    )


def file_missing(name: str) -> Text:
    return Text(
        f"归档包内缺少 {name}，未导入任何内容。",
        f"{name} is missing from the package. Nothing was taken in.",
    )


def file_not_listed(name: str) -> Text:
    return Text(
        f"归档包内的 {name} 不在清单中，未导入任何内容。",
        f"{name} does not stand in the manifest. Nothing was taken in.",
    )


def seal_not_trusted(found: str) -> Text:
    return Text(
        f"签章不能追溯到所信任的根证书，或未通过验证（{found}），未导入任何内容。"
        "请用 --root 给出颁发方的根证书。",
        f"The seal is under no root that is trusted here, or did not pass ({found}). Nothing was "
        "taken in: give the other side's root with --root.",
    )
