"""The rules by which is answered, by name."""

from typing import Final

POLICY: Final = "xinyin-verification-1"
"""Changes when the answer to the same file would; what was judged under another is judged anew."""
