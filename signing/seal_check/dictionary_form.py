"""A signature dictionary in the one form in which our sealer and archiver write it."""

import re

MARK = b"/ByteRange"
RANGE = re.compile(
    rb"/ByteRange \[0 (\d{1,12}) (\d{1,12}) (\d{1,12})\] {0,64}\n"
    rb"/Type /(?:(Sig)\n/Filter /Adobe\.PPKLite\n/SubFilter /ETSI\.CAdES\.detached"
    rb"|DocTimeStamp\n/Filter /Adobe\.PPKLite\n/SubFilter /ETSI\.RFC3161)\n"
    rb"(?:/M \(D(?:\\072|:)(\d{14})Z\)\n)?"
)
"""Three numbers, `Sig` unless it is a document timestamp, and the claimed time."""
BEFORE_STRING, AFTER_STRING = b"/Contents <", b">\n"
END = b"%%EOF\n"
