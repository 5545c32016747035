"""Messages of `ca.timestamps` in Chinese and English."""

from typing import Final

from core.text import Text

CERTIFICATE_NOT_FOR_TIMESTAMPING: Final = Text(
    "证书不是时间戳证书（RFC 3161 2.3）。",
    "The certificate is not for timestamping (RFC 3161 2.3).",
)
CLOCK_NOT_SYNCHRONIZED: Final = Text(
    "内核报告时钟未同步。请启用 chrony 等时间同步服务",
    "the kernel says that nothing keeps it in step: run chrony or the like",
)
CLOCK_SET_WHILE_RUNNING: Final = Text(
    "系统时钟在运行中被调整过。请核对时间后重启服务",
    "the clock was set while the service runs: check the time, then restart the service",
)
RECORDED_TIME_UNREADABLE: Final = Text("无法读取登记的时间", "the record cannot be read")
TIMESTAMP_DIGEST_UNSUPPORTED: Final = Text(
    "时间戳只接受 SHA-256、SHA-384 或 SHA-512 摘要。",
    "A timestamp takes a SHA-256, SHA-384 or SHA-512 digest.",
)
TSA_CERTIFICATE_OUT_OF_VALIDITY: Final = Text(
    "时间戳证书不在有效期内。", "The TSA certificate is not within its validity."
)
TSA_KEY_MISMATCH: Final = Text(
    "时间戳密钥与其证书不符。", "The TSA key does not belong to its certificate."
)


def clock_behind_record(recorded_time: str) -> Text:
    return Text(
        f"时钟早于已登记的时间 {recorded_time}",
        f"it lies before {recorded_time}, which is on record",
    )


def clock_not_trusted(reason: Text) -> Text:
    return Text(
        f"时钟不可信，不签发时间戳：{reason.zh}。",
        f"The clock is not to be trusted, so nothing is stamped: {reason.en}.",
    )
