"""Chinese messages for invalid settings; those of pydantic are English."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from core.text import Text

_SAID: Final = {
    "missing": "缺少此项",
    "extra_forbidden": "没有此项设置",
    "string_type": "须为文字",
    "string_too_short": "不能为空或过短",
    "string_too_long": "过长",
    "int_type": "须为整数",
    "int_parsing": "须为整数",
    "int_from_float": "须为整数",
    "float_type": "须为数字",
    "float_parsing": "须为数字",
    "bool_type": "须为 true 或 false",
    "bool_parsing": "须为 true 或 false",
    "path_type": "须为路径",
    "tuple_type": "须为列表",
    "list_type": "须为列表",
    "dict_type": "须为一组设置",
    "model_type": "须为一组设置",
}
OWN_RULE: Final = "Value error, "
"""What the library puts before the words of a setting's own rule."""
_BOUNDS: Final = {
    "greater_than_equal": ("ge", "不得小于"),
    "greater_than": ("gt", "须大于"),
    "less_than_equal": ("le", "不得大于"),
    "less_than": ("lt", "须小于"),
    "literal_error": ("expected", "只能为"),
    "enum": ("expected", "只能为"),
}


class BrokenRuleError(ValueError):
    """A rule of a setting's own, in both languages; of which key below the place it is found at."""

    def __init__(self, text: Text, *key: str | int) -> None:
        super().__init__(text.en)
        self.text = text
        self.key = key


def fault_en(fault: Mapping[str, Any]) -> str:
    """Return an error of `pydantic.ValidationError.errors()` in English."""
    return str(fault["msg"]).removeprefix(OWN_RULE)


def fault_zh(fault: Mapping[str, Any]) -> str:
    """Return an error of `pydantic.ValidationError.errors()` in Chinese.

    What has no words here, a rule of a setting's own, is given as it is, named as the reason.
    """
    kind, context = fault["type"], fault.get("ctx", {})
    if isinstance(rule := context.get("error"), BrokenRuleError):
        return rule.text.zh
    if kind in _SAID:
        return _SAID[kind]
    if kind == "string_pattern_mismatch":
        return f"格式不符，须符合 {context['pattern']}"
    bound = _BOUNDS.get(kind)
    if bound is not None:
        return f"{bound[1]} {str(context[bound[0]]).replace(' or ', ' 或 ')}"
    return f"不符合要求（{fault['msg'].removeprefix(OWN_RULE)}）"


def variable_of(key: Iterable[str | int], environment: Mapping[str, str]) -> str | None:
    """Return the variable that a key's value came from, if it came from one."""
    name = "XINYIN"
    for part in key:
        name += f"_{part}".upper().replace("-", "_")
        if name in environment:
            return name
    return None
