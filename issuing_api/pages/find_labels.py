"""Words of the pages that find and count: the search, the register of seals."""

from typing import Final

from core.text import Text

FIND: Final[dict[str, Text]] = {
    "granted_from": Text("颁发日期自", "Granted from"),
    "granted_until": Text("颁发日期至", "Granted until"),
    "licences_count": Text("共 {count} 份。", "{count} licences."),
    "licences_more": Text("{count} 份或更多。", "{count} licences or more."),
    "none_so_far": Text(
        "已查看的较新的证照中没有符合条件的。请继续查看更早的，或加上编号、名称或种类。",
        "None among the newer licences looked at so far. Go on to older ones, or add a number, a "
        "name or a type.",
    ),
    "export_as": Text("导出（个人信息已遮盖）：", "Export, personal data masked: "),
    # statistics
    "statistics": Text("统计", "Statistics"),
    "statistics_counts": Text(
        "各月颁发数量及其目前状态", "Granted in each month, and how they stand today"
    ),
    "statistics_picture": Text(
        "各月颁发数量图，数据见下表", "Granted in each month; see the table below"
    ),
    "statistics_month": Text("颁发月份", "Month"),
    "statistics_total": Text("合计", "Total"),
    "counted_granted": Text("颁发（签署）", "Granted (signed)"),
    "counted_in_force": Text("有效", "In force"),
    "counted_waiting": Text("尚未生效", "Not yet valid"),
    "counted_suspended": Text("暂停使用", "Suspended"),
    "counted_expired": Text("已过期", "Expired"),
    "counted_cancelled": Text("注销、撤销、撤回、吊销", "Cancelled"),
    "counted_replaced": Text("已换发", "Replaced"),
    # a seal
    "seal_now": Text("状态", "Status"),
    "seal_then": Text("{at} 时：", "at {at}: "),
    "seal_moment": Text("查询某一时刻的状态", "Status at a moment"),
    "seal_status_not_made": Text("尚未制作", "not made yet"),
    "seal_status_good": Text("正常", "good"),
    "seal_status_not_yet_valid": Text("证书尚未生效", "its certificate is not valid yet"),
    "seal_status_expired": Text("证书已过期", "its certificate has expired"),
    "seal_status_suspended": Text("已暂停", "suspended"),
    "seal_status_revoked": Text("证书已撤销", "its certificate is revoked"),
    "seal_status_unknown": Text(
        "由外部 CA 签发，请向该 CA 查询", "of an outside CA, which is to be asked"
    ),
    "certificates": Text("证书", "Certificates"),
    "serial": Text("序列号", "Serial"),
    "certificate_from": Text("证书有效期起", "Certificate from"),
    "used_from": Text("启用时间", "Used from"),
    "used_until": Text("更换时间", "Replaced at"),
    "seal_uses": Text("用印记录", "Uses"),
    "sealed_at": Text("签章时间", "Sealed at"),
    "sealed_by": Text("用印人", "Sealed by"),
}
