"""Messages of `registry.objects` in Chinese and English."""

from pathlib import Path
from typing import Final

from core.text import Text

BUCKET_NOT_SET: Final = Text(
    "未设置对象存储。请在 [objects] 中填写 endpoint 和 bucket。",
    "No bucket is set. Give [objects] an endpoint and a bucket.",
)
NO_CREDENTIALS: Final = Text(
    "没有对象存储的访问密钥。请设置 [objects] secret_file（权限 0600，不在数据目录内，"
    "第一行为密钥标识，第二行为密钥），或提供 systemd 凭据 xinyin-objects，"
    "或设置环境变量 AWS_ACCESS_KEY_ID 和 AWS_SECRET_ACCESS_KEY。",
    "There is no access key for the object store. Set [objects] secret_file (mode 0600, outside "
    "the home; the key’s id on the first line, its secret on the second), hand out the systemd "
    "credential xinyin-objects, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
)
SESSION_TOKEN_GIVEN: Final = Text(
    "环境变量 AWS_SESSION_TOKEN 表明是临时密钥，会在服务运行中失效。请使用长期密钥。",
    "AWS_SESSION_TOKEN says that the access key is a temporary one, which ends while the service "
    "runs. Use a lasting key.",
)
SOURCE_IN_USE: Final = Text(
    "这一处存储仍在使用，不能清空。请先修改 [objects] place，重新启动服务，再加 --remove 运行。",
    "That store is the one in use, so nothing is removed from it. Change [objects] place, restart "
    "the services, and run this with --remove then.",
)
STORE_ANSWER_MALFORMED: Final = Text(
    "对象存储的答复无法读取。请核对 [objects] endpoint 是否为 S3 接口。",
    "The object store’s answer cannot be read. Check that [objects] endpoint speaks S3.",
)


def store_creation_failed(
    *, directory: Path, cause_zh: str, remedy: Text, strerror: str | None
) -> Text:
    return Text(
        f"无法建立存储目录“{directory}”：{cause_zh}。{remedy.zh}",
        f"Could not make the store’s folder “{directory}”: {strerror}. {remedy.en}",
    )


def stored_file_damaged(sha256: str) -> Text:
    return Text(
        f"存储的文件 {sha256}… 缺失或已损坏。请从备份恢复。",
        f"The stored file {sha256}… is missing or damaged. Restore it from a backup.",
    )


def stored_object_missing(sha256: str) -> Text:
    return Text(
        f"对象存储中没有文件 {sha256}…。请从备份恢复；尚未迁移完的，运行 xinyin objects move。",
        f"The object store has no file {sha256}…. Restore it from a backup, or, where a move is "
        "not finished, run xinyin objects move.",
    )


def stored_object_wrong(sha256: str) -> Text:
    return Text(
        f"对象存储给出的文件 {sha256}… 内容不符，未予采用。这是存储的故障，不说明证照被改动。"
        "请从备份恢复，并查明原因。",
        f"The object store gave other content for the file {sha256}…, which was not used. That is "
        "a fault of the store and says nothing against the licence. Restore it from a backup, and "
        "find out why.",
    )


def object_locked(sha256: str) -> Text:
    return Text(
        f"文件 {sha256}… 处于对象存储的锁定期内，或密钥无权删除版本，暂不能删除。"
        "锁定期满后会自动删除。",
        f"The object store’s lock still holds the file {sha256}…, or the key may not delete "
        "versions. It is erased by itself once the lock has ended.",
    )


def object_too_large(limit: int) -> Text:
    mib = limit // 1024**2
    return Text(
        f"文件超过 {mib} MiB，未存入对象存储。",
        f"The file has more than {mib} MiB and was not put into the object store.",
    )


def store_unreachable(host: str) -> Text:
    return Text(
        f"对象存储 {host} 没有应答。请检查网络、证书和 [objects] 的设置，然后重试。",
        f"The object store {host} does not answer. Check the network, its certificate and "
        "[objects], and try again.",
    )


def store_refused(host: str, why: Text) -> Text:
    return Text(
        f"对象存储 {host} 未执行请求（{why.zh}）。请检查 [objects] 的设置和密钥的权限，然后重试。",
        f"The object store {host} did not do what it was asked ({why.en}). Check [objects] and "
        "what the key may do, and try again.",
    )


def ca_file_missing(path: Path) -> Text:
    return Text(
        f"[objects] ca_file 所指的文件 {path} 不存在。",
        f"The file {path}, named by [objects] ca_file, is not there.",
    )


def secret_inside_home(path: Path) -> Text:
    return Text(
        f"访问密钥文件 {path} 在数据目录内，会随备份外流。请移到别处并修改 [objects] secret_file。",
        f"The access key’s file {path} lies in the home and would travel with backups. Move it "
        "elsewhere and correct [objects] secret_file.",
    )


def secret_malformed(source: str) -> Text:
    return Text(
        f"{source} 的内容应为两行：密钥标识和密钥。",
        f"{source} must have two lines: the access key’s id and its secret.",
    )
