"""Messages of `registry.archive` in Chinese and English."""

from typing import Final

from core.text import Text

RENEWED_FILE_VERIFICATION_FAILED: Final = Text(
    "续期后的文件未通过核验，未予登记。请运行 xinyin doctor，并联系技术支持。",
    "The renewed file does not verify, and was not registered. Run xinyin doctor, and ask "
    "for support.",
)
