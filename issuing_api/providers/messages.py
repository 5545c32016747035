"""Messages of `issuing_api.providers` in Chinese and English."""

from core.text import Text, counted


def scim_too_large(most: int) -> Text:
    return Text(
        f"请求内容超过 {most} 字节。",
        f"The body of the request has more than {counted(most, 'octet')}.",
    )
