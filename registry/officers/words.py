"""Words for the states of requests and jobs, and for roles."""

from typing import Final

from core.permits import Role
from core.text import Text
from registry.officers.model import DeskRequestState, JobState

REQUEST_STATES: Final = {
    DeskRequestState.WAITING: Text("待审批", "waiting"),
    DeskRequestState.APPROVED: Text("已批准", "approved"),
    DeskRequestState.REJECTED: Text("已驳回", "rejected"),
    DeskRequestState.WITHDRAWN: Text("已撤销申请", "withdrawn"),
    DeskRequestState.DONE: Text("已办结", "done"),
    DeskRequestState.LAPSED: Text("已过期", "lapsed"),
}
JOB_STATES: Final = {
    JobState.WAITING: Text("排队中", "waiting"),
    JobState.RUNNING: Text("进行中", "running"),
    JobState.STOPPED: Text("已停止", "stopped"),
    JobState.CANCELLED: Text("已取消", "cancelled"),
    JobState.DONE: Text("已完成", "done"),
}
ROLES: Final = {
    Role.OPERATOR: Text("经办人", "operator"),
    Role.APPROVER: Text("审批人", "approver"),
    Role.SEALER: Text("用印人", "sealer"),
    Role.REGISTRAR: Text("登记人", "registrar"),
    Role.AUDITOR: Text("监督人", "auditor"),
    Role.ADMINISTRATOR: Text("管理员", "administrator"),
}
