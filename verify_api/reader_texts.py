"""Texts on what PDF readers show of our licences, each with its reason and basis.

Kept apart from the other words: it ages by itself. Only pdfsig could be run here; everything else
is what others observed or documented, and says so.
"""

from dataclasses import dataclass

from core.text import Text


@dataclass(frozen=True, slots=True)
class ReaderNote:
    """One program."""

    key: str
    name: str
    shows: Text
    why: Text
    basis: Text
    """On what, and as of when, this is said."""


WORDS: dict[str, Text] = {
    "title": Text("阅读器显示什么", "What your reader shows"),
    "lead": Text(
        "同一份证照，不同的 PDF 阅读器显示的结果不一样："
        "有的显示黄色提示，有的显示红色提示，有的没有提示。"
        "这通常只说明阅读器不信任本平台的根证书，不说明文件有问题。",
        "PDF readers say different things about one and the same licence: yellow, red, or nothing. "
        "Mostly it tells that the reader does not know our seal, not that the licence is wrong.",
    ),
    "answer_title": Text("以核验页面的结果为准", "Rely on the verification page"),
    "answer": Text(
        "阅读器只能检查文件本身，不能得知证照是否已注销、暂停使用或换发。"
        "请把 PDF 文件上传到核验页面，或扫描其上的二维码。",
        "A reader sees the file alone. It cannot tell that a licence was cancelled, suspended or "
        "replaced. Upload the PDF to the verification page, or scan the QR code on it.",
    ),
    "answer_button": Text("核验证照", "Verify a licence"),
    "readers": Text("各种阅读器的显示", "Reader by reader"),
    "shows": Text("显示", "It shows"),
    "why": Text("原因", "Why"),
    "basis": Text("依据", "How we know"),
    "kit_title": Text("让阅读器信任本平台的根证书", "Let your reader know our seals"),
    "kit_lead": Text(
        "单位的信息管理员可以把本平台的根证书加入阅读器。个人用户无需加入，使用核验页面即可。",
        "An office's administrator can add our root certificate to its readers. Others need not: "
        "the verification page is enough.",
    ),
    "step_compare": Text(
        "下载证书，并与您从其他渠道（公告、公文、电话）得到的指纹逐组比对。仅与本页所列指纹比对无效。",
        "Download the certificate and compare its fingerprint, group by group, with one that you "
        "have by another way (a notice, a letter, a call). This page alone does not count.",
    ),
    "step_acrobat": Text(
        "Acrobat / Acrobat Reader：首选项 › 签名 › 身份与可信证书 › 更多 › 可信证书 › "
        "导入 root.cer，再“编辑信任”，勾选“用作可信任根”和“已验证的文档”。",
        "Acrobat and Acrobat Reader: Preferences › Signatures › Identities & Trusted Certificates "
        "› More › Trusted Certificates › Import root.cer, then Edit Trust: tick “Use this "
        "certificate as a trusted root” and “Certified documents”.",
    ),
    "step_windows": Text(
        "Windows：将 root.cer 装入“受信任的根证书颁发机构”会影响本机所有程序，"
        "只应由信息管理员按本单位制度办理。",
        "Windows: root.cer in “Trusted Root Certification Authorities” affects every program of "
        "the machine. Only for administrators, by their own rules.",
    ),
    "step_settings": Text(
        "root.acrobatsecuritysettings 供 Acrobat 批量导入（双击打开）。它按 Adobe 信任列表的"
        "格式制作，尚未在 Acrobat 中实际测试；如不能导入，请用 root.cer。",
        "root.acrobatsecuritysettings is for Acrobat in many offices at once: open it there. It is "
        "laid out like Adobe's own trust list and could not be tried in Acrobat; if it does not "
        "import, use root.cer.",
    ),
    "files": Text("文件", "Files"),
    "file_pem": Text("根证书，PEM 格式", "Root certificate, PEM"),
    "file_cer": Text("根证书，DER 格式", "Root certificate, DER"),
    "file_p7c": Text("全部根证书，PKCS#7 格式", "All root certificates, PKCS#7"),
    "file_acrobat": Text("Acrobat 安全设置文件", "Acrobat security settings"),
    "file_fingerprints": Text("指纹，可打印", "Fingerprints, to print"),
    "fingerprints": Text("根证书指纹", "Fingerprints of our root certificates"),
    "valid": Text("有效期", "Valid"),
    "no_roots": Text("暂时没有可下载的根证书。", "No root certificate can be downloaded just now."),
    "lists": Text("本平台认可的其他机构", "Others whom we recognise"),
    "lists_lead": Text(
        "签名者的证书由以下机构签发的，核验页面会说明签名者、签发CA和所在列表；文件未在本平台登记。",
        "Of signatures under these bodies the verification page names signer, issuer and list. "
        "Documents with them were not issued here.",
    ),
    "list_until": Text("列表有效至", "The list holds until"),
    "tests": Text("测试", "test"),
    "more_listed": Text("另有 {count} 项", "and {count} more"),
}
"""By key; a template that names an unknown one fails its test."""

_SEEN_BY_OTHERS = Text("他人记录，未能实际测试", "Seen by others; it could not be tried here")

READERS = (
    ReaderNote(
        "acrobat",
        "Adobe Acrobat, Acrobat Reader",
        Text(
            "黄色提示：“至少一个签名有问题”，签名人身份“未知”；同时会说明文件未被修改。",
            "A yellow notice: “At least one signature has problems”, the signer's identity is "
            "“unknown”. It does say that the document was not modified.",
        ),
        Text(
            "它只信任 Adobe 信任列表中的机构和用户自行加入的根证书。"
            "本平台的根证书不在 Adobe 的列表中；加入后应显示为有效。",
            "It knows the bodies on Adobe's own list, and the roots that you add. Ours is not on "
            "Adobe's list. Once added, the signature should show as valid.",
        ),
        Text(f"{_SEEN_BY_OTHERS.zh}（2026 年）。", f"{_SEEN_BY_OTHERS.en} (2026)."),
    ),
    ReaderNote(
        "foxit",
        "Foxit PDF Reader 福昕",
        Text(
            "未加入根证书时，签名人“未知”。对存档续期后的文件，有版本称“已被修改”。",
            "Without our root, the signer is unknown. Of files whose archive was renewed, some "
            "versions say “modified”.",
        ),
        Text(
            "存档续期只追加时间戳和验证数据，不改内容（ISO 32000-2 表 257 允许），"
            "但有的版本把任何追加都当作改动。交给持证主体的文件没有这种追加。",
            "Renewing an archive appends timestamps and validation data, never content, which ISO "
            "32000-2 (table 257) permits; some versions take any addition for a change. What we "
            "hand to holders has none.",
        ),
        Text(
            f"{_SEEN_BY_OTHERS.zh}（pdf-association/pdf-issues #131、#766，jsignpdf #458）。",
            f"{_SEEN_BY_OTHERS.en} (pdf-association/pdf-issues #131, #766; jsignpdf #458).",
        ),
    ),
    ReaderNote(
        "wps",
        "WPS",
        Text(
            "尚无可靠的测试结果。如提示签名“未知”或“不受信任”，或不显示签名，请使用核验页面。",
            "We have no reliable observation. Should it call the signature unknown or untrusted, "
            "or show none, use the verification page.",
        ),
        Text(
            "各版本内置的受信任机构列表不同，可能不包含本平台的根证书。",
            "Its versions bring different lists of trusted bodies; ours may be on none of them.",
        ),
        Text("未能实际测试，也未找到可靠的公开记录。", "Not tried here, and no record was found."),
    ),
    ReaderNote(
        "chrome",
        "Chrome, Edge",
        Text(
            "不显示签名信息，只显示页面和印章图样。",
            "Nothing: the page and the picture of the seal.",
        ),
        Text(
            "Chrome 的内置阅读器不检查签名。印章图样任何人都可以绘制，看到图样不等于有签名。"
            "Edge 因版本而异。",
            "Chrome's viewer does not look at signatures. Anyone can draw a seal: its picture is "
            "not a signature. Edge differs by version.",
        ),
        Text(f"{_SEEN_BY_OTHERS.zh}（2026 年）。", f"{_SEEN_BY_OTHERS.en} (2026)."),
    ),
    ReaderNote(
        "firefox",
        "Firefox",
        Text(
            "红色横幅，称签名“不受支持”。", "A red banner that calls the signature “unsupported”."
        ),
        Text(
            "2026 年 6 月起 Firefox 检查签名，但还不支持 /ETSI.CAdES.detached 这种格式"
            "（欧洲标准 PAdES，本平台采用）。所有这种格式的文件都显示红色横幅，与真伪无关。",
            "Since June 2026 Firefox looks at signatures, and does not support the format "
            "/ETSI.CAdES.detached yet (PAdES, the European standard, which we use). Every file in "
            "it gets the red banner, genuine or not.",
        ),
        Text(
            f"{_SEEN_BY_OTHERS.zh}（pdf.js #21247，2026 年）。",
            f"{_SEEN_BY_OTHERS.en} (pdf.js #21247, 2026).",
        ),
    ),
    ReaderNote(
        "tools",
        "pdfsig, LibreOffice, pyHanko (CLI)",
        Text(
            "pdfsig：“Signature is Valid”，“Certificate issuer is unknown”。加入根证书后，"
            "三者都会联网查询证书状态；连接不上本平台的服务时，显示为不可信。",
            "pdfsig: “Signature is Valid”, “Certificate issuer is unknown”. Once they have our "
            "root, all three ask the address in the certificate for its status, and distrust the "
            "file while our service is away.",
        ),
        Text(
            "文件中已有证书状态，但它们仍会联网查询。连接不上时请稍后再试，或用 pdfsig -no-ocsp。"
            "pyHanko 的编程接口、OpenSSL、GnuTLS 和 JDK 使用文件中的状态，离线也能核验。",
            "The file brings the certificate's status along; they ask again all the same. Try "
            "again later, or use pdfsig -no-ocsp. pyHanko's API, OpenSSL, GnuTLS and the JDK "
            "can do with what the file brings.",
        ),
        Text(
            "pdfsig 22.12.0 未加根证书的情形已于 2026 年 11 月 29 日实测；其余为他人记录。",
            "pdfsig 22.12.0 without our root was tried here on 29 November 2026; the rest was seen "
            "by others.",
        ),
    ),
    ReaderNote(
        "archived",
        "MuPDF, LibreOffice, Poppler",
        Text(
            "对存档续期后的文件（PAdES B-LTA），可能说有一个签名无效，或其后有改动。",
            "Of a file whose archive was renewed (PAdES B-LTA) they may say that a signature is "
            "invalid, or that something was changed after it.",
        ),
        Text(
            "这些程序不支持检查文档时间戳，把追加的验证数据当作改动。",
            "They cannot check document timestamps, and take the validation data that were added "
            "for a change.",
        ),
        Text(f"{_SEEN_BY_OTHERS.zh}（2026 年）。", f"{_SEEN_BY_OTHERS.en} (2026)."),
    ),
)
