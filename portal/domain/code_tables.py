"""The code tables of the national data standard, as far as they could be found (facts with confidence medium to high).

A table turns what people write (a code, a label, an everyday word) into the code, and a code into the label a page
shows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from portal.domain.cleaning.text import Cleaned, failed, noted, plain_text, shown
from portal.models.words import AssessmentResult


@dataclass(frozen=True)
class CodeTable:
    """One dictionary: code -> label, and everyday words -> code."""

    name: str
    codes: Mapping[str, str]
    words: Mapping[str, str] = field(default_factory=dict)

    def label(self, code: str) -> str:
        """The label of `code`; an unknown code is shown as it is, for old records may carry one."""
        return self.codes.get(code, code)

    def clean(self, raw: object) -> Cleaned[str]:
        """The code meant by a code, a label or an everyday word; refused if it is none of them."""
        cleaned = plain_text(raw)
        text = cleaned.value
        if text is None:
            return cleaned
        if text in self.codes:
            return Cleaned(text, cleaned.problems)
        plain = _plain(text)
        for code, label in self.codes.items():
            if plain in (_plain(label), _plain(code + label), code.lower()):
                return Cleaned(code, cleaned.problems)
        if plain in self.words:
            return Cleaned(self.words[plain], cleaned.problems)
        if short := self._without_zeros(text):  # Excel turns 001 into 1
            return noted(short, f"“{text}”缺少前面的0，已识别为{short}（{self.codes[short]}）").but(*cleaned.problems)
        known = "、".join(list(self.codes.values())[:8]) + ("等" if len(self.codes) > 8 else "")
        return failed(f"“{shown(text, 20)}”不在{self.name}的选项中，可填：{known}")

    def _without_zeros(self, text: str) -> str | None:
        if not re.fullmatch(r"\d{1,3}(\.0)?", text, re.ASCII):
            return None
        number = int(float(text))
        found = [code for code in self.codes if code.isdigit() and int(code) == number]
        return found[0] if len(found) == 1 else None


def _plain(text: str) -> str:
    return re.sub(r"[\s\-－—–/（）()]", "", text).lower()


CATEGORY = CodeTable(
    "项目分类",
    {"01": "房屋建筑", "02": "市政", "99": "其他"},
    {"房建": "01", "房屋建筑工程": "01", "市政工程": "02", "其它": "99", "其他工程": "99"},
)
NATURE = CodeTable(
    "建设性质",
    {"001": "新建", "002": "改建", "003": "扩建", "004": "恢复", "005": "迁建", "006": "拆除", "099": "其他"},
    {"其它": "099", "改造": "002", "改扩建": "003"},
)
USE = CodeTable(
    "工程用途",
    {
        "100": "居住建筑", "200": "居住建筑配套工程", "300": "公共建筑", "301": "办公建筑", "302": "商业建筑",
        "303": "旅游建筑", "304": "科教文卫建筑", "305": "交通运输建筑", "306": "通信建筑", "307": "公共建筑配套工程",
        "400": "商住楼", "500": "农业建筑", "600": "农业建筑配套工程", "700": "工业建筑", "800": "工业建筑配套工程",
        "999": "其他", "010": "给水", "011": "排水", "012": "燃气", "013": "热力", "014": "道路", "015": "桥隧",
        "016": "风景园林", "017": "环境园林", "018": "公共交通", "099": "其他市政",
    },
    {
        "居住": "100", "住宅": "100", "公共": "300", "办公": "301", "商业": "302", "工业": "700", "农业": "500",
        "其它": "999",
    },
)  # fmt: skip
APPROVAL_LEVEL = CodeTable(
    "立项级别",
    {"001": "部级", "002": "省级", "003": "地市级", "004": "区县级"},
    {"部": "001", "省": "002", "地市": "003", "市级": "003", "区县": "004", "县级": "004"},
)
TENDER_CLASS = CodeTable(
    "招标类型",
    {
        "001": "勘察", "002": "设计", "003": "施工", "004": "监理", "006": "工程总承包", "007": "项目管理",
        "010": "全过程工程咨询", "011": "其他",
    },
    {"其它": "011"},
)  # fmt: skip
TENDER_TYPE = CodeTable(
    "招标方式",
    {"001": "公开招标", "002": "邀请招标", "003": "直接委托", "099": "其他"},
    {"公开": "001", "邀请": "002", "委托": "003", "其它": "099"},
)
CONTRACT_TYPE = CodeTable(
    "合同类别",
    {
        "100": "勘察", "200": "设计", "301": "施工总包", "302": "施工分包", "303": "施工劳务", "400": "监理",
        "600": "工程总承包", "700": "项目管理", "800": "全过程工程咨询", "900": "其他", "500": "设计施工一体化",
    },
    {"施工总承包": "301", "专业分包": "302", "劳务分包": "303", "其它": "900", "全过程咨询": "800"},
)  # fmt: skip
STRUCTURE = CodeTable(
    "结构体系",
    {
        "001": "砖混结构", "002": "底框结构", "003": "框架结构", "004": "框架-剪力墙结构", "005": "剪力墙结构",
        "006": "板柱-剪力墙结构", "007": "短肢墙剪力墙结构", "008": "部分框支剪力墙结构", "009": "框-筒体结构",
        "010": "筒中筒结构", "011": "异型柱框架结构", "012": "复杂高层结构", "013": "混合结构", "014": "钢结构",
        "015": "排架结构", "016": "木结构", "099": "其他",
    },
    {
        "砖混": "001", "底框": "002", "框架": "003", "框架剪力墙": "004", "框剪": "004", "剪力墙": "005", "混合": "013",
        "钢": "014", "排架": "015", "木": "016", "其它": "099",
    },
)  # fmt: skip
LEVEL = CodeTable(
    "工程等级",
    {
        "201": "甲级", "202": "乙级", "203": "丙级", "310": "特级", "311": "一级", "312": "二级", "313": "三级",
        "321": "大型", "322": "中型", "323": "小型",
    },
    {"甲": "201", "乙": "202", "丙": "203", "大": "321", "中": "322", "小": "323"},
)  # fmt: skip
GREEN = CodeTable(
    "绿色建筑等级", {"001": "一星级", "002": "二星级", "003": "三星级"}, {"一星": "001", "二星": "002", "三星": "003"}
)
# 003 and 004 follow from the two ends that were found (002 六度 … 005 九度).
SEISMIC = CodeTable("抗震设防烈度", {"001": "不设防", "002": "6度", "003": "7度", "004": "8度", "005": "9度"})
ASSESSMENT_RESULT = CodeTable("考评结果", {result.value: result.label for result in AssessmentResult})
