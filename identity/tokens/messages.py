"""Messages of `identity.tokens` in Chinese and English: a clause for each `Refusal`, and more."""

from typing import Final

from core.text import Text

TOO_LONG: Final = Text("过长", "it is too long")
NOT_COMPACT: Final = Text("不是三段式签名格式", "it is not of three parts, as signed ones are")
NOT_BASE64URL: Final = Text("编码有误", "its encoding is broken")
NOT_CANONICAL_BASE64URL: Final = Text("编码不规范", "its encoding is not the one of its content")
NOT_JSON: Final = Text("内容不是 JSON", "its content is not JSON")
NOT_AN_OBJECT: Final = Text("内容不是 JSON 对象", "its content is not a JSON object")
DUPLICATE_MEMBER: Final = Text("同一项出现两次", "a member stands in it twice")
TOO_DEEP: Final = Text("嵌套过深", "it is nested too deep")
BAD_NUMBER: Final = Text("含有无法表示的数", "a number in it cannot be represented")
BAD_TEXT: Final = Text("含有不成对的代理字符", "it holds half a character (a lone surrogate)")

NO_ALGORITHM: Final = Text("未写明签名算法", "it names no algorithm")
WRONG_ALGORITHM: Final = Text(
    "签名算法不是为该签发者配置的算法",
    "its algorithm is not the one configured for its issuer",
)
WRONG_TYPE: Final = Text("类型（typ）不是此处要求的类型", "its type (typ) is not what is asked for")
CRITICAL_HEADER: Final = Text("头部含有 crit", "its header holds crit")
UNENCODED_PAYLOAD: Final = Text("头部含有 b64", "its header holds b64")
KEY_ADDRESS: Final = Text("头部指定了密钥地址（jku）", "its header names a key's address (jku)")
KEY_IN_HEADER: Final = Text("头部自带密钥（jwk）", "its header brings a key along (jwk)")
CERTIFICATE_ADDRESS: Final = Text(
    "头部指定了证书地址（x5u）", "its header names a certificate's address (x5u)"
)
CERTIFICATE_IN_HEADER: Final = Text(
    "头部自带证书（x5c）", "its header brings a certificate along (x5c)"
)
COMPRESSED: Final = Text("内容经过压缩（zip）", "it is compressed (zip)")
ENCRYPTED: Final = Text("内容经过加密", "it is encrypted")
NO_KEY_ID: Final = Text("未写明密钥编号（kid）", "it names no key (kid)")

NO_KEY: Final = Text("头部缺少公钥（jwk）", "its header lacks the public key (jwk)")
UNKNOWN_KEY: Final = Text(
    "签名密钥不在签发者公布的密钥之中", "its key is none of those that its issuer publishes"
)
BAD_KEY: Final = Text("公钥有误", "its public key is malformed")
PRIVATE_KEY: Final = Text("公布的密钥含有私钥部分", "a private part of its key stands in public")
WEAK_KEY: Final = Text("密钥强度不足", "its key is too weak")
WRONG_KEY_TYPE: Final = Text("密钥种类与算法不符", "its key is of another kind than its algorithm")
WRONG_KEY_USE: Final = Text("密钥不用于验证签名", "its key is not for verifying signatures")
WRONG_KEY_ALGORITHM: Final = Text("密钥属于另一算法", "its key is for another algorithm")
BAD_SIGNATURE: Final = Text("签名不符", "its signature does not hold")

WRONG_ISSUER: Final = Text("签发者（iss）不符", "its issuer (iss) is not the one expected")
NO_AUDIENCE: Final = Text("未写明接收方（aud）", "it names no audience (aud)")
WRONG_AUDIENCE: Final = Text("不是发给本服务的（aud）", "it is not meant for this service (aud)")
FOREIGN_AUDIENCE: Final = Text(
    "同时发给了未知的接收方（aud）", "it is meant for an unknown audience as well (aud)"
)
NO_AUTHORIZED_PARTY: Final = Text("有多个接收方而缺少 azp", "it has several audiences and no azp")
WRONG_AUTHORIZED_PARTY: Final = Text(
    "是应另一客户端请求签发的（azp）", "it was issued at another client's request (azp)"
)
NO_SUBJECT: Final = Text("未写明主体（sub）", "it names no subject (sub)")
BAD_SUBJECT: Final = Text("主体标识不可用", "its subject cannot be used")
BAD_TIME: Final = Text("时间值有误", "a time in it is not one")
NO_EXPIRY: Final = Text("未写明到期时间（exp）", "it names no end (exp)")
EXPIRED: Final = Text("已过期", "it has expired")
EXPIRY_GIVEN: Final = Text("事件通知不应写明到期时间", "it names an end, which an event has not")
NO_ISSUED_AT: Final = Text("未写明签发时间（iat）", "it does not say when it was issued (iat)")
ISSUED_IN_FUTURE: Final = Text(
    "签发时间在将来，请核对双方时钟", "it was issued in the future: compare the clocks"
)
EXPIRES_BEFORE_ISSUED: Final = Text("到期早于签发", "it ends before it was issued")
LIVES_TOO_LONG: Final = Text("有效期过长", "it lives too long")
TOO_OLD: Final = Text("签发已久，请核对双方时钟", "it was issued too long ago: compare the clocks")
NOT_YET_VALID: Final = Text("尚未生效（nbf）", "it is not valid yet (nbf)")
NO_NONCE: Final = Text("缺少随机数（nonce）", "it holds no nonce")
WRONG_NONCE: Final = Text("随机数（nonce）不符", "its nonce is not the one expected")
NONCE_GIVEN: Final = Text("含有不应有的随机数（nonce）", "it holds a nonce, and should not")
NO_AUTH_TIME: Final = Text(
    "未写明登录时间（auth_time）", "it does not say when the sign-in was (auth_time)"
)
AUTH_IN_FUTURE: Final = Text(
    "登录时间在将来，请核对双方时钟", "its sign-in is in the future: compare the clocks"
)
AUTH_TOO_OLD: Final = Text("登录已久，此事须重新登录", "its sign-in is too long ago for this")
WRONG_ACR: Final = Text(
    "登录方式（acr）达不到要求", "the sign-in was not of the strength asked for (acr)"
)
WRONG_TOKEN_HASH: Final = Text(
    "与一并出示的访问凭据不符", "it does not belong to the access token beside it"
)
NO_TOKEN_ID: Final = Text("缺少可用的编号（jti）", "it has no usable id (jti)")
SIGNED_OUT: Final = Text(
    "签发之后，该人员的登录已被身份服务结束",
    "the identity provider ended that person's sign-ins after it was issued",
)
REPLAYED: Final = Text("已经用过", "it was used before")
REPLAY_MEMORY_FULL: Final = Text(
    "暂时无法判断是否用过，请稍后再试",
    "whether it was used before cannot be told just now; wait a minute",
)
NO_EVENTS: Final = Text("缺少事件（events）", "it holds no events")
BAD_EVENTS: Final = Text("事件（events）有误", "its events are not what is asked for")
EVENTS_GIVEN: Final = Text("是事件通知，不是登录凭据", "it tells of an event, and signs nobody in")
NO_SUBJECT_OR_SESSION: Final = Text(
    "既无主体（sub）也无会话（sid）", "it names neither subject (sub) nor session (sid)"
)
NO_CERTIFICATE: Final = Text(
    "它与客户端证书绑定，而连接没有出示证书",
    "it is bound to a client certificate, and the connection shows none",
)
NO_CLIENT: Final = Text("未写明客户端（client_id）", "it names no client (client_id)")
WRONG_CERTIFICATE: Final = Text(
    "它与另一张客户端证书绑定", "it is bound to another client certificate"
)
WRONG_CLIENT: Final = Text("客户端不符", "its client is not the one expected")
BAD_CONFIRMATION: Final = Text("密钥绑定（cnf）有误", "its binding to a key (cnf) is malformed")
WRONG_METHOD: Final = Text("是为另一请求方法所作（htm）", "it was made for another method (htm)")
WRONG_ADDRESS: Final = Text("是为另一地址所作（htu）", "it was made for another address (htu)")
WRONG_PROOF_KEY: Final = Text(
    "访问凭据绑定在另一密钥上", "the access token is not bound to its key"
)
BAD_CLAIM: Final = Text("某项的类型有误", "a claim in it is of the wrong type")

UNSUPPORTED_SIGNING_KEY: Final = Text(
    "此密钥不能签发身份凭据。请使用 P-256、P-384、P-521 或 2048 位以上的 RSA 密钥。",
    "This key cannot sign tokens. Use P-256, P-384, P-521, or RSA of 2048 bits or more.",
)


def refused(clause: Text) -> Text:
    """Return the sentence for a refused token."""
    return Text(
        f"身份凭据未被接受：{clause.zh}。请重新登录；仍不成功的，请联系管理员。",
        f"The token was not accepted: {clause.en}. Sign in again; if that does not help, ask your "
        "administrator.",
    )


def keys_unreachable(host: str) -> Text:
    """Return the sentence for an identity provider whose keys cannot be fetched."""
    return Text(
        f"暂时无法从身份服务 {host} 取得公钥，因此不能验证身份凭据。请稍后重试或检查该服务。",
        f"The keys of the identity provider {host} are not to be had just now, so tokens cannot be "
        "verified. Try again, or check that service.",
    )


def keys_unusable(host: str, clause: Text) -> Text:
    """Return the sentence for an identity provider that publishes something else than keys."""
    return Text(
        f"身份服务 {host} 公布的公钥不可用：{clause.zh}。请联系该服务的管理员。",
        f"What the identity provider {host} publishes as its keys cannot be used: {clause.en}. Ask "
        "its administrator.",
    )
