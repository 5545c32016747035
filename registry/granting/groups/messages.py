"""Messages of `registry.granting.groups` in Chinese and English."""

from typing import Final

from core.text import Text

SEALER_DIED: Final = Text(
    "办理这一行的签章进程两次中断，这一行未颁发，编号已预留。这是系统内部错误，请查看程序的输出；再执行"
    "一次同样的命令，会用同一编号接着办。",
    "The process that sealed this row died twice; it was not granted, and its number is kept. This "
    "is an internal error: see the log. Running the same command again goes on with the same "
    "number.",
)
SEALERS_GONE: Final = Text(
    "签章进程无法启动或没有响应，未颁发的各行编号已预留。请查看程序的输出和可用内存，再执行一次同样的命令。",
    "The processes that seal cannot be started or do not answer; the numbers of rows that were not "
    "granted are kept. See the log and the memory that is free, and run the same command again.",
)
SEALING_FAULT: Final = Text(
    "制作这一行的文件时发生系统内部错误，这一行未颁发，编号已预留。请查看程序的输出；再执行一次同样的命令，"
    "会用同一编号接着办。",
    "An internal error occurred while this row's document was made; it was not granted, and its "
    "number is kept. See the log. Running the same command again goes on with the same number.",
)
