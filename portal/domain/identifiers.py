"""The numbers of companies, projects, sections and permits (rule S10).

Checked where a standard exists, warned about where practice is dirty. Every checker takes a raw cell and never raises.
"""

from __future__ import annotations

import re
from collections.abc import Container
from dataclasses import dataclass
from datetime import date

from portal.domain.cleaning.text import Cleaned, Problem, clean_code, failed, noted
from portal.domain.personal_data import find_personal_data, is_identity_number, mask_personal_data, masked

__all__ = [
    "ProjectNumber",
    "area_of",
    "check_company_code",
    "check_node_number",
    "check_organisation_code",
    "check_permit_number",
    "check_project_number",
    "check_registration_number",
    "check_uscc",
    "doubt_about_node",
    "find_personal_data",
    "is_identity_number",
    "is_mobile",
    "mask_personal_data",
    "masked",
    "parse_project_number",
]

_USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # GB 32100: no I, O, S, V, Z
_USCC_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_ORGANISATION_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"  # GB 11714
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_PROVINCES = frozenset(map(str, (*range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55),
                                 *range(61, 67), 71, 81, 82)))  # fmt: skip
_PLATFORM_CODE = re.compile(r"(?P<year>\d{4})-(?P<area>\d{6})-\d{2}-\d{2}-\d{6}(?P<suffix>-\d{3})?", re.ASCII)
_NODE_NUMBER = re.compile(r"(?P<project>.+)-(?P<kind>[A-Z]{2})-(?P<serial>\d{3})", re.ASCII)
_SEPARATORS = re.compile(r"[\s\-－—]+")


@dataclass(frozen=True, slots=True)
class ProjectNumber:
    """A 16-digit project number taken apart. `issued` dates the number, not the works."""

    area: str
    issued: date
    serial: str


def check_uscc(raw: object) -> Cleaned[str]:
    """A unified social credit code by GB 32100, its first character digit or letter, with the organisation code
    inside.
    """
    cleaned, code = _compact(raw)
    if not code:
        return cleaned
    if len(code) != 18:
        return failed(f"统一社会信用代码“{code}”应为18位，实为{len(code)}位")
    if wrong := sorted(set(code) - set(_USCC_ALPHABET)):
        return failed(f"统一社会信用代码“{code}”含有不会出现的字符{'、'.join(wrong)}，请核对")
    if not re.fullmatch(r"\d{6}", code[2:8], re.ASCII):
        return failed(f"统一社会信用代码“{code}”的第3至8位应为登记机关行政区划数字")
    total = sum(weight * _USCC_ALPHABET.index(char) for weight, char in zip(_USCC_WEIGHTS, code, strict=False))
    if _USCC_ALPHABET[-total % 31] != code[17]:
        return failed(f"统一社会信用代码“{code}”的校验码不符，请核对是否抄错")
    if _organisation_check(code[8:16]) != code[16]:
        return failed(f"统一社会信用代码“{code}”中的组织机构代码校验码不符，请核对是否抄错")
    result = Cleaned(code, cleaned.problems)
    if code[2:8] != "100000" and code[2:4] not in _PROVINCES:
        return result.but(Problem("warning", f"统一社会信用代码“{code}”中的行政区划{code[2:8]}不存在，请核对"))
    return result


def check_organisation_code(raw: object) -> Cleaned[str]:
    """A nine-character organisation code by GB 11714, stored as 13221006-9. Old.

    Warned about, since 18 are due today.
    """
    cleaned, code = _compact(raw)
    if not code:
        return cleaned
    if not re.fullmatch(r"[0-9A-Z]{8}[0-9X]", code, re.ASCII):
        return failed(f"组织机构代码“{code}”应为8位本体代码加1位校验码")
    if _organisation_check(code[:8]) != code[8]:
        return failed(f"组织机构代码“{code[:8]}-{code[8]}”的校验码不符，请核对是否抄错")
    value = f"{code[:8]}-{code[8]}"
    return noted(value, f"“{value}”是旧的9位组织机构代码，请补充18位统一社会信用代码")


def check_registration_number(raw: object) -> Cleaned[str]:
    """A 15-digit business registration number.

    A credit code cut to 15 digits looks like one but begins with no area.
    """
    cleaned, code = _compact(raw)
    if not code:
        return cleaned
    if not re.fullmatch(r"\d{15}", code, re.ASCII):
        return failed(f"工商注册号“{code}”应为15位数字")
    if code[:6] != "100000" and code[:2] not in _PROVINCES:
        return failed(f"“{code}”有15位，但开头不是行政区划，像是被截断的统一社会信用代码，请填写完整的18位")
    return noted(code, f"“{code}”是旧的15位工商注册号，请补充18位统一社会信用代码")


def check_company_code(raw: object) -> Cleaned[str]:
    """A company's code in any of the three shapes that records carry: 18, nine (old) or 15 characters (old)."""
    cleaned, code = _compact(raw)
    if not code:
        return cleaned
    if len(code) == 9:
        return check_organisation_code(code)
    if len(code) == 15:
        return check_registration_number(code)
    return check_uscc(code)


def check_project_number(raw: object, *, areas: Container[str] | None = None) -> Cleaned[str]:
    """A project number: 16 digits, checked by area and date only, or an investment-platform code, recognised as such.

    areas: the codes that exist in Hunan; another code beginning with 43 is then warned about as well.
    """
    cleaned = clean_code(raw)
    if cleaned.value is None:
        return cleaned
    code = cleaned.value.replace(" ", "").upper()
    cleaned = Cleaned(code, cleaned.problems)
    if platform := _PLATFORM_CODE.fullmatch(code):
        if platform["area"][:2] not in _PROVINCES:
            return failed(f"项目代码“{code}”中的行政区划{platform['area']}不存在")
        return cleaned.but(Problem("warning", f"“{code}”是投资项目在线审批监管平台的项目代码，不是16位项目编号"))
    if not re.fullmatch(r"\d{16}", code, re.ASCII):
        return failed(f"项目编号“{code}”应为16位数字，实为{len(code)}位")
    parsed = parse_project_number(code)
    if parsed is None:
        wrong = f"第7至12位“{code[6:12]}”不是日期" if code[:2] in _PROVINCES else f"行政区划“{code[:6]}”不存在"
        return failed(f"项目编号“{code}”的{wrong}，请核对")
    if doubt := _doubt_about_area(parsed.area, areas):
        return cleaned.but(Problem("warning", f"项目编号“{code}”的区划{parsed.area}{doubt}"))
    return cleaned


def parse_project_number(code: str) -> ProjectNumber | None:
    """The parts of a 16-digit project number, or None if it is none."""
    if not re.fullmatch(r"\d{16}", code, re.ASCII) or code[:2] not in _PROVINCES:
        return None
    century = 2000 if code[6:8] < "80" else 1900
    try:
        issued = date(century + int(code[6:8]), int(code[8:10]), int(code[10:12]))
    except ValueError:
        return None
    return ProjectNumber(code[:6], issued, code[12:])


def area_of(project_number: str) -> str | None:
    """The six-digit area in a project number or investment-platform code: the default for routing (rule S3)."""
    if platform := _PLATFORM_CODE.fullmatch(project_number):
        return platform["area"]
    parsed = parse_project_number(project_number)
    return parsed.area if parsed else None


def check_node_number(raw: object, project_number: str | None = None) -> Cleaned[str]:
    """The number of one section entry, such as 4408831511029901-BD-001; other shapes are free text.

    Warned about if the project's number inside it is not the row's own.
    """
    cleaned = clean_code(raw, max_length=100)
    elsewhere = doubt_about_node(cleaned.value, project_number)
    return cleaned.but(elsewhere) if elsewhere else cleaned


def doubt_about_node(number: str | None, project_number: str | None) -> Problem | None:
    """A warning if a node number hangs onto another project than `project_number`, as in real registers some do."""
    match = _NODE_NUMBER.fullmatch(number or "")
    if match is None or not project_number or match["project"] == project_number:
        return None
    return Problem("warning", f"环节编号“{number}”属于项目{match['project']}，与本项目编号{project_number}不一致")


def check_permit_number(raw: object, issued: date | None = None) -> Cleaned[str]:
    """A construction permit's number: 18 digits are checked by area and date.

    Older texts and 22 digits are warned about.
    """
    cleaned = clean_code(raw)
    if cleaned.value is None:
        return cleaned
    code = cleaned.value
    if _NODE_NUMBER.fullmatch(code):
        return cleaned
    if not re.fullmatch(r"\d{18}", code, re.ASCII):
        return cleaned.but(Problem("warning", f"施工许可证编号“{code}”不是18位数字，请与证书核对"))
    if code[:2] not in _PROVINCES:
        return failed(f"施工许可证编号“{code}”的行政区划{code[:6]}不存在")
    try:
        inside = date(int(code[6:10]), int(code[10:12]), int(code[12:14]))
    except ValueError:
        return failed(f"施工许可证编号“{code}”的第7至14位“{code[6:14]}”不是日期")
    if issued is not None and inside != issued:
        return cleaned.but(
            Problem("warning", f"施工许可证编号中的日期{inside.isoformat()}与发证日期{issued.isoformat()}不一致")
        )
    return cleaned


def is_mobile(value: str) -> bool:
    """True for a mainland mobile number: eleven digits."""
    return re.fullmatch(r"1[3-9]\d{9}", value, re.ASCII) is not None


def _compact(raw: object) -> tuple[Cleaned[str], str]:
    """A code without blanks and hyphens, in capitals; and what cleaning said if there is none."""
    cleaned = clean_code(raw)
    code = _SEPARATORS.sub("", cleaned.value).upper() if cleaned.value else ""
    return Cleaned(code or None, cleaned.problems), code


def _organisation_check(body: str) -> str:
    """The check character GB 11714 gives to the eight characters of `body`."""
    pairs = zip(_ORGANISATION_WEIGHTS, body, strict=True)
    return "0123456789X0"[11 - sum(weight * _ORGANISATION_ALPHABET.index(char) for weight, char in pairs) % 11]


def _doubt_about_area(area: str, areas: Container[str] | None) -> str:
    """Why an area is not a plain county.

    Functional zones and bare cities do occur in real numbers, so it is only said.
    """
    if area[:2] == "43" and areas is not None:
        return "" if area in areas else "不是湖南省现行的行政区划代码，请核对"
    county = int(area[4:])
    if county == 0:
        return "只到市级，请确认所在县市区"
    # Prefectures 21 to 50 are autonomous ones, whose 01 is a city: 433101 is 吉首市.
    if county == 1 and not 21 <= int(area[2:4]) <= 50 and area[2:4] != "90":
        return "是“市辖区”，请确认所在县市区"
    if area[2:4] == "90":
        return "是省直辖县级区划，请核对"
    # No county of GB/T 2260 is numbered 41 to 80; provinces use these for development zones.
    return "不是国家标准的行政区划代码，可能是功能区，请核对" if 41 <= county <= 80 else ""
