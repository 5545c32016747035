"""Names of people and companies that do not exist, as common as such names are."""

import random

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕翀亓"
_GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰建国文红梅志宏海燕春雪晨宇浩然子轩梓涵"
    "一诺思远嘉怡欣怡俊杰天佑雨桐诗琪若曦泽洋博文书瑶晓东立新云飞"
)
_PLACES = ("青岚", "云上", "临江", "东湖", "望海", "安平", "长宁", "北川", "南山", "西岭")
_BRANDS = "鸿运瑞丰恒达金源宏图永兴福临盛世康泰百味佳和润泽禾田星月锦程汇通德馨聚贤顺昌"
_TRADES = ("餐饮", "食品", "便利店", "建筑工程", "医疗器械", "科技", "商贸", "物流", "药房", "超市")
_ENDS = ("有限公司", "有限责任公司", "店", "管理有限公司", "个体工商户")


def person_name(chance: random.Random) -> str:
    """Return the name of a person."""
    surname = SURNAMES[min(int(chance.expovariate(0.12)), len(SURNAMES) - 1)]
    return surname + "".join(chance.choices(_GIVEN, k=chance.choice((1, 2, 2))))


def company_name(chance: random.Random) -> str:
    """Return the name of a company."""
    brand = "".join(chance.choices(_BRANDS, k=chance.choice((2, 2, 3))))
    return f"{chance.choice(_PLACES)}{brand}{chance.choice(_TRADES)}{chance.choice(_ENDS)}"


def made_up_name(chance: random.Random) -> str:
    """Return the name of a person in one case of six, else of a company."""
    return person_name(chance) if chance.randrange(6) == 1 else company_name(chance)
