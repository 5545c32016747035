"""Operating system's errors about files and ports, in Chinese."""

import errno
from typing import Final

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
}


def cause_zh(error: OSError) -> str:
    """Return why a call failed, in Chinese; a rare cause in the system's own words."""
    return _CAUSES.get(error.errno or 0) or f"系统错误（{error.strerror or type(error).__name__}）"
