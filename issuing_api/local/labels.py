"""Words of these pages alone; what is around them is the desk's (`issuing_api.pages`)."""

from core.text import Text

PAGE: dict[str, Text] = {
    # sign-in
    "sign_in": Text("用本地账户登录", "Sign in with a local account"),
    "login": Text("账户名", "Account name"),
    "password": Text("密码", "Password"),
    "by_password": Text("用密码登录", "Sign in by password"),
    "by_passkey": Text("用通行密钥登录", "Sign in with a passkey"),
    "passkey_lead": Text(
        "通行密钥保存在本机、手机或安全密钥中，用指纹、面容或 PIN 解锁。",
        "A passkey is kept in this device, a phone or a security key, and opened by a fingerprint, "
        "a face or a PIN.",
    ),
    "passkey_needs": Text(
        "通行密钥需要浏览器支持并启用 JavaScript；没有的，请用密码登录。",
        "Passkeys need a browser that has them, with JavaScript. Else sign in by password.",
    ),
    "passkey_address": Text(
        "通行密钥只在 localhost 或 https 地址可用；本地址不行。",
        "Passkeys work at localhost or an https address, not at this one.",
    ),
    "passkey_failed": Text(
        "没有完成。请重试，或改用密码。", "It was not completed. Try again, or use the password."
    ),
    "strong": Text(
        "这一步要求强验证：请用通行密钥登录，密码不够。",
        "What you are about to do needs a strong sign-in: use a passkey, a password will not do.",
    ),
    "strong_none": Text(
        "还没有通行密钥的：向管理员索取注册码，在“我的账户”中添加后，再回来办理。",
        "No passkey yet? Ask your administrator for an enrolment code, add one on your account's "
        "page, then come back:",
    ),
    # account
    "account": Text("我的账户", "My account"),
    "signed_in_as": Text("当前登录：", "Signed in as"),
    "passkeys": Text("通行密钥", "Passkeys"),
    "no_passkeys": Text("还没有通行密钥。", "There is none yet."),
    "added": Text("添加于", "added"),
    "used": Text("上次使用", "last used"),
    "suspect": Text(
        "已停用：计数器倒退，可能被复制。请删除。",
        "Stopped: its counter went back, so there may be a copy. Remove it.",
    ),
    "remove": Text("删除", "Remove"),
    "add_passkey": Text("添加通行密钥", "Add a passkey"),
    "passkey_label": Text("名称（便于辨认）", "Name (so that you know it again)"),
    "code": Text("注册码（由管理员给出）", "Enrolment code (from an administrator)"),
    "code_why": Text(
        "当前会话不是刚用通行密钥登录的，添加须有注册码；已有通行密钥的，也可重新用它登录。",
        "You have not just signed in with a passkey, so adding one takes an enrolment code; or "
        "sign in again with a passkey that you have.",
    ),
    "code_first": Text(
        "添加第一个通行密钥须有注册码，一次有效。",
        "The first passkey takes an enrolment code, which serves once.",
    ),
    "change_password": Text("更改密码", "Change the password"),
    "old_password": Text("现在的密码", "Password of now"),
    "new_password": Text("新密码（至少 12 个字符）", "New password (12 characters or more)"),
    "password_note": Text(
        "更改后，所有会话结束，须重新登录。",
        "All sessions end with that, and you sign in anew.",
    ),
    "sign_in_again": Text("重新登录", "Sign in again"),
    # emergency
    "break_glass": Text("应急登录", "Emergency sign-in"),
    "break_glass_lead": Text(
        "仅在身份服务不可用、且须立即处理时使用。凭据只能用一次，使用会记入审计并报警。",
        "Only for when the identity provider is away and something cannot wait. The credential "
        "serves once; its use is recorded and raises an alarm.",
    ),
    "break_glass_lasts": Text(
        "会话最长一小时，有所有机构的管理员权限；不能批准申请。",
        "The session lasts an hour at most, as administrator of everything; it approves nothing.",
    ),
    "credential": Text("应急凭据", "Emergency credential"),
    "reason": Text(
        "原因（记入审计，10 至 500 个字符）", "Reason (for the audit, 10 to 500 characters)"
    ),
    "use": Text("启用", "Use it"),
}
