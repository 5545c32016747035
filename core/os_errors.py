"""Operating system's errors about files and ports, in Chinese."""

import errno
from typing import Final

from core.text import Text

_CAUSES: Final = {
    errno.ENOENT: "文件或目录不存在",
    errno.EACCES: "没有权限",
    errno.EPERM: "没有权限",
    errno.EEXIST: "已存在",
    errno.ENOTDIR: "路径中有一段不是目录",
    errno.EISDIR: "这是目录，不是文件",
    errno.ENXIO: "不是普通文件",
    errno.ENOSPC: "磁盘已满",
    errno.EDQUOT: "磁盘配额已用尽",
    errno.EROFS: "磁盘只读",
    errno.EIO: "磁盘读写出错",
    errno.EMFILE: "打开的文件过多",
    errno.ENAMETOOLONG: "名称过长",
    errno.EADDRINUSE: "端口已被占用",
    errno.EADDRNOTAVAIL: "本机没有这个地址",
    errno.ECONNREFUSED: "连接被拒绝",
    errno.ECONNRESET: "连接被中断",
    errno.EHOSTUNREACH: "主机不可达",
    errno.ENETUNREACH: "网络不可达",
}
_REMEDIES: Final = {
    errno.ENOSPC: Text(
        "请在该磁盘上腾出空间，再执行一次。", "Free space on its disk, then do the same again."
    ),
    errno.EDQUOT: Text(
        "请删除不需要的文件或提高配额，再执行一次。",
        "Delete what is not needed or have the quota raised, then do the same again.",
    ),
    errno.EROFS: Text(
        "请检查磁盘，重新以读写方式挂载后再执行一次。",
        "Check the disk and mount it for writing again, then do the same again.",
    ),
    errno.EACCES: Text("请检查目录和文件的属主与权限。", "Check who owns it and who may write it."),
    errno.EPERM: Text("请检查目录和文件的属主与权限。", "Check who owns it and who may write it."),
    errno.EIO: Text(
        "请检查磁盘，勿再写入；必要时从备份恢复。",
        "Check the disk before writing anything more; restore a backup if need be.",
    ),
}
_REMEDY: Final = Text("请检查磁盘和权限后重试。", "Check the disk and permissions, then try again.")


def cause_zh(error: OSError) -> str:
    """Return why a call failed, in Chinese; a rare cause in the system's own words."""
    return _CAUSES.get(error.errno or 0) or f"系统错误（{error.strerror or type(error).__name__}）"


def remedy(error: OSError) -> Text:
    """Return the advice for a write that failed."""
    return _REMEDIES.get(error.errno or 0, _REMEDY)


def is_refusal(error: OSError) -> bool:
    """Tell whether it is about disk, permissions or a named file, and no fault of the program's."""
    return error.errno in _REMEDIES or (error.errno in _CAUSES and error.filename is not None)
