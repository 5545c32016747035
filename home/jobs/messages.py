"""Messages of `home.jobs` in Chinese and English."""

from core.text import Text


def identity_file_gone(path: str) -> Text:
    return Text(
        f"{path} 已不在，无法核对执行人的权限，批量任务暂不执行，未丢失任何内容。"
        "请放回该文件，任务会自动继续。",
        f"{path} is gone, so nobody's rights can be looked up: batches wait, and nothing is lost. "
        "Put it back, and they go on by themselves.",
    )
