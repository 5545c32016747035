"""The list of all checks, in the order in which they are told."""

from core.text import Text
from registry.health import documents as health_documents
from registry.health import home as health_home
from registry.health import privacy as health_privacy
from registry.health import queue as health_queue
from registry.health import register as health_register
from registry.health import search as health_search
from registry.health import store as health_store
from registry.health import trust as health_trust
from registry.health import trust_list as health_trust_list
from registry.health.health import HealthCheck

CHECKS = (
    HealthCheck("settings", Text("设置", "settings"), health_home.check_settings),
    HealthCheck("files", Text("文件权限", "files and modes"), health_home.check_files),
    HealthCheck("secrets", Text("口令来源", "passphrase sources"), health_home.check_secrets),
    HealthCheck("disk", Text("磁盘空间", "disk space"), health_home.check_disk),
    HealthCheck("database", Text("数据库", "database"), health_register.check_database),
    HealthCheck("clock", Text("时钟", "clock"), health_home.check_clock),
    HealthCheck("journal", Text("恢复日志", "journal"), health_register.check_journal),
    HealthCheck("audit", Text("审计", "audit"), health_register.check_audit),
    HealthCheck("record", Text("登记内容", "records and events"), health_register.check_record),
    HealthCheck("search", Text("查找索引", "index of the search"), health_search.check_search),
    HealthCheck("codes", Text("持证主体代码", "holders' codes"), health_privacy.check_codes),
    HealthCheck("retention", Text("留存期限", "retention"), health_privacy.check_retention),
    HealthCheck("pending", Text("未完成的颁发", "grants cut short"), health_register.check_pending),
    HealthCheck(
        "intents", Text("未完成的签发", "certificates cut short"), health_register.check_intents
    ),
    HealthCheck("leavings", Text("人员离开", "officers who left"), health_register.check_leavings),
    HealthCheck("batches", Text("批量申请", "batches"), health_register.check_batches),
    HealthCheck(
        "break-glass", Text("应急凭据", "emergency credential"), health_register.check_break_glass
    ),
    HealthCheck("certificates", Text("证书到期", "certificates"), health_trust.check_certificates),
    HealthCheck("crls", Text("证书撤销列表", "CRLs"), health_trust.check_crls),
    HealthCheck("services", Text("服务密钥", "service keys"), health_trust.check_service_keys),
    HealthCheck("roots", Text("固定的根证书", "pinned roots"), health_trust.check_roots),
    HealthCheck("keys", Text("密钥清单", "key inventory"), health_trust.check_keys),
    HealthCheck("addresses", Text("发布地址", "published addresses"), health_trust.check_addresses),
    HealthCheck("policies", Text("策略 OID", "policy OIDs"), health_trust.check_policies),
    HealthCheck("trust-list", Text("信任列表", "trust list"), health_trust_list.check_trust_list),
    HealthCheck("queue", Text("批量任务队列", "queue of batches"), health_queue.check_queue),
    HealthCheck("store", Text("文件存储", "object store"), health_store.check_store),
    HealthCheck(
        "documents", Text("存储的文件", "stored documents"), health_documents.check_documents
    ),
    HealthCheck("strays", Text("未被引用的文件", "stray objects"), health_documents.check_strays),
    HealthCheck("archive", Text("存档续期", "archive renewal"), health_documents.check_archive),
)
