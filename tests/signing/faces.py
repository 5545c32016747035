"""Realistic faces of the three kinds of licence, all of fictional bodies and people."""

from dataclasses import replace
from datetime import date
from io import BytesIO

from PIL import Image, ImageDraw

from core.text import Text
from signing.face import FaceDesign, FaceField, LicenceFace, Orientation, PageDesign

LINK = "https://verify.linhe.example.gov.cn/v/q7Zt0mW3Jx5sR2cLpY8dKfVbN1A"


def _field(key: str, zh: str, en: str, value: str, *, wide: bool = False) -> FaceField:
    return FaceField(key, Text(zh, en), value, wide)


def food(*, sample: bool = False) -> LicenceFace:
    return LicenceFace(
        design=FaceDesign(
            title=Text("食品经营许可证", "Food Operation Licence"),
            orientation=Orientation.LANDSCAPE,
            colour="#0b6e4f",
            statement="食品经营者应当在经营场所的显著位置悬挂或者摆放本许可证，并公示电子证照。",
        ),
        number_label=Text("许可证编号", "Licence number"),
        number="JY19901010024681",
        identifier="1.2.156.3005.2.11100000MB0143028R001.11990101004500004M.20260000024681.001.K",
        fields=(
            _field("operator", "经营者名称", "Operator", "青禾市云溪新街道老街坊餐饮有限公司"),
            _field("uscc", "统一社会信用代码", "USCC", "91990101MA3T8N2K5X"),
            _field("legal", "法定代表人", "Legal representative", "张晓雯"),
            _field("format", "主体业态", "Business format", "餐饮服务经营者（中型餐馆）"),
            _field(
                "domicile",
                "住所",
                "Domicile",
                "青禾市云溪新街道清风亭西路1288号7号楼商铺102",
                wide=True,
            ),
            _field(
                "premises",
                "经营场所",
                "Premises",
                "青禾市云溪新街道清风亭西路1288号7号楼商铺102",
                wide=True,
            ),
            _field(
                "items",
                "经营项目",
                "Items",
                "热食类食品制售；冷食类食品制售（含烧卤熟肉，不含生食类）；糕点类食品制售（含裱花蛋糕）；"
                "自制饮品制售（不含自酿酒）；预包装食品（含冷藏冷冻食品）销售",
                wide=True,
            ),
            _field(
                "supervisor",
                "日常监督管理机构",
                "Supervision",
                "青禾市市场监督管理局云溪新市场监管所",
                wide=True,
            ),
        ),
        authority="青禾市市场监督管理局",
        granted_on=date(2026, 3, 9),
        valid_from=date(2026, 3, 9),
        valid_until=date(2031, 3, 8),
        link=LINK,
        sample=sample,
    )


QUALIFICATIONS = (
    "建筑工程施工总承包壹级；市政公用工程施工总承包壹级；公路工程施工总承包贰级；水利水电工程施工总承包贰级；"
    "机电工程施工总承包贰级；地基基础工程专业承包壹级；钢结构工程专业承包壹级；消防设施工程专业承包壹级；"
    "建筑装修装饰工程专业承包壹级；建筑机电安装工程专业承包贰级；电子与智能化工程专业承包贰级；"
    "防水防腐保温工程专业承包壹级；城市及道路照明工程专业承包叁级；环保工程专业承包贰级；"
    "古建筑工程专业承包叁级；起重设备安装工程专业承包贰级；预拌混凝土专业承包（不分等级）；"
    "模板脚手架专业承包（不分等级）；施工劳务（不分等级）"
)


def construction(*, sample: bool = False) -> LicenceFace:
    return LicenceFace(
        design=FaceDesign(
            title=Text("建筑业企业资质证书", "Construction Enterprise Qualification"),
            orientation=Orientation.LANDSCAPE,
            colour="#1f4e8c",
            statement="本证书信息可在发证机关政务服务网站查询，以电子证照载明的内容为准。",
        ),
        number_label=Text("证书编号", "Certificate number"),
        number="D237184652",
        identifier="1.2.156.3005.2.11100000000013338W011.11370000004502951L.D237184652.003.T",
        fields=(
            _field("company", "企业名称", "Company", "齐岱建设发展集团第三工程有限责任公司"),
            _field("uscc", "统一社会信用代码", "USCC", "913700007062345Q1N"),
            _field("legal", "法定代表人", "Legal representative", "欧阳建国"),
            _field("capital", "注册资本", "Capital", "人民币叁亿陆仟万元整"),
            _field("type", "经济性质", "Kind", "有限责任公司（自然人投资或控股）"),
            _field(
                "address",
                "详细地址",
                "Address",
                "岱州市高新技术产业开发区舜华路2000号科创广场5号楼3-1801室",
                wide=True,
            ),
            _field("grades", "资质类别及等级", "Qualifications", QUALIFICATIONS, wide=True),
        ),
        authority="岱州省住房和城乡建设厅",
        granted_on=date(2026, 1, 15),
        valid_from=date(2026, 1, 15),
        valid_until=date(2031, 1, 14),
        link=LINK,
        sample=sample,
    )


def disability(*, sample: bool = False) -> LicenceFace:
    return LicenceFace(
        design=FaceDesign(
            title=Text("残疾人证", "Disabled Person's Card"),
            orientation=Orientation.PORTRAIT,
            colour="#a5231c",
            statement="本证由县级以上残疾人联合会核发，持证人依法享受国家和地方规定的优惠政策。"
            "请妥善保管，不得转借、涂改。",
        ),
        number_label=Text("残疾人证号", "Card number"),
        number="99010119850412362X43",
        identifier="1.2.156.3005.2.11100000000013434W001.13990101MB28430127.2026004312.001.8",
        fields=(
            _field("name", "姓名", "Name", "李䶮"),
            _field("sex", "性别", "Sex", "女"),
            _field("nation", "民族", "Nationality", "汉族"),
            _field("birth", "出生日期", "Born", "1985年4月12日"),
            _field("id", "身份证号码", "Resident ID", "99010119850412362X"),
            _field("category", "残疾类别", "Category", "肢体残疾"),
            _field("degree", "残疾等级", "Degree", "三级"),
            _field(
                "address",
                "家庭住址",
                "Address",
                "青禾市云溪街道东湾村二区14号楼2单元301室",
                wide=True,
            ),
            _field("guardian", "监护人", "Guardian", "李建军"),
            _field("phone", "联系电话", "Telephone", "0000-3220000"),
        ),
        authority="青禾市残疾人联合会",
        granted_on=date(2026, 2, 27),
        valid_from=date(2026, 2, 27),
        valid_until=date(2036, 2, 26),
        link=LINK,
        photo=portrait(),
        sample=sample,
    )


def copies(*, sample: bool = False) -> LicenceFace:
    """A main copy and a duplicate, bilingual, the duplicate upright and with a table."""
    plain = food(sample=sample)
    vehicles = FaceField(
        "facilities",
        Text("主要设备设施", "Main facilities"),
        "",
        wide=True,
        columns=(
            Text("序号", "No."),
            Text("名称", "Name"),
            Text("数量", "Number"),
            Text("安放位置", "Place"),
        ),
        rows=(
            ("1", "冷藏陈列柜（立式，双温区）", "4", "营业大厅北侧"),
            ("2", "高温消毒柜", "2", "洗消间"),
            (
                "3",
                "不锈钢操作台、预进间洗手消毒设施及紫外线杀菌灯",
                "1",
                "凉菜专间（二层东侧，面积12平方米）",
            ),
        ),
    )
    everything = tuple(field.key for field in plain.fields)
    return replace(
        plain,
        fields=(*plain.fields, vehicles),
        design=replace(
            plain.design,
            bilingual=True,
            granted_label=Text("发证日期", "Granted on"),
            statement_english="To be displayed where business is carried on.",
            pages=(
                PageDesign(
                    heading=Text("正本", "Main copy"),
                    fields=("operator", "uscc", "legal", "format", "premises", "items"),
                ),
                PageDesign(
                    heading=Text("副本", "Duplicate"),
                    orientation=Orientation.PORTRAIT,
                    fields=(*everything, "facilities"),
                    statement="副本与正本具有同等法律效力。",
                    statement_english="The duplicate has the same effect as the main copy.",
                ),
            ),
        ),
    )


def with_value(face: LicenceFace, key: str, value: str) -> LicenceFace:
    """Return the face with another value in one field."""
    fields = tuple(replace(f, value=value) if f.key == key else f for f in face.fields)
    assert fields != face.fields
    return replace(face, fields=fields)


def portrait(size: tuple[int, int] = (413, 531), kind: str = "JPEG") -> bytes:
    """Return a drawn stand-in for an ID photo."""
    width, height = size
    image = Image.new("RGB", size, "#cfe3f5")
    draw = ImageDraw.Draw(image)

    def ellipse(x1: float, y1: float, x2: float, y2: float, fill: str) -> None:
        draw.ellipse((x1 * width, y1 * height, x2 * width, y2 * height), fill=fill)

    ellipse(0.27, 0.13, 0.73, 0.62, "#2b2320")
    ellipse(0.05, 0.72, 0.95, 1.5, "#35465c")
    ellipse(0.40, 0.55, 0.60, 0.80, "#e3b999")
    ellipse(0.31, 0.22, 0.69, 0.66, "#efc8a8")
    ellipse(0.40, 0.42, 0.44, 0.445, "#2b2320")
    ellipse(0.56, 0.42, 0.60, 0.445, "#2b2320")
    ellipse(0.45, 0.555, 0.55, 0.575, "#b9655c")
    buffer = BytesIO()
    image.save(buffer, kind)
    return buffer.getvalue()
