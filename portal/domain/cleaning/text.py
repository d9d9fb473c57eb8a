"""Text, codes and yes/no; and the answer every cleaner gives."""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Generic, Literal, TypeVar

Severity = Literal["error", "warning"]
T = TypeVar("T", covariant=True)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a value. An error forbids its use, a warning wants a person's eye.

    `message` is fit to show.
    """

    severity: Severity
    message: str
    rule: str = "S10"


@dataclass(frozen=True, slots=True)
class Cleaned(Generic[T]):
    """A value made clean, or None if there was none or it was refused, and what was noticed on the way."""

    value: T | None = None
    problems: tuple[Problem, ...] = ()

    @property
    def ok(self) -> bool:
        """True if nothing forbids the use of the value."""
        return all(problem.severity != "error" for problem in self.problems)

    def but(self, *problems: Problem) -> Cleaned[T]:
        """The same value with further problems; an error takes the value away, for a refused value is never used."""
        refused = any(problem.severity == "error" for problem in problems)
        return Cleaned(None if refused else self.value, self.problems + problems)


# What registers write where they have nothing (a Jiangsu exchange service, Excel exports, crawlers).
EMPTY_MARKS = frozenset(
    {"-", "--", "—", "——", "/", "\\", "无", "无数据", "暂无", "null", "none", "nan", "n/a", "undefined"}
)
EXCEL_ERRORS = frozenset(
    {"#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!", "#GETTING_DATA", "#SPILL!"}
)
FORMULA_STARTS = ("=", "+", "-", "@")

# Digits and Latin letters only: a full NFKC would also turn “（” into “(” and “㎡” into “m2” in names people wrote on
# purpose.
_HALF_WIDTH = {0xFEE0 + code: code for code in (*range(0x30, 0x3A), *range(0x41, 0x5B), *range(0x61, 0x7B))}
_BLANKS = re.compile(r"[\s\u00a0\u3000]+")
_AS_TEXT = re.compile(r'="(?P<inside>[^"=]*)"')
_WHOLE_FLOAT = re.compile(r"(?P<digits>\d+)\.0+")
_SCIENTIFIC = re.compile(r"[+-]?\d+(\.\d+)?[eE][+-]?\d+")
_YES = frozenset({"是", "true", "1", "1.0", "yes", "y", "通过", "有"})
_NO = frozenset({"否", "false", "0", "0.0", "no", "n", "未通过", "不通过"})
_EXACT_DIGITS = 15  # Excel and its numbers keep no more


def failed(message: str) -> Cleaned[Any]:
    """A value refused for the reason `message`."""
    return Cleaned(None, (Problem("error", message),))


def noted(value: T | None, *messages: str) -> Cleaned[T]:
    """A usable value with warnings."""
    return Cleaned(value, tuple(Problem("warning", message) for message in messages))


def shown(raw: object, at_most: int = 40) -> str:
    """`raw` as it may be quoted in a message: one line, no invisible characters, cut to `at_most`."""
    try:
        text = str(raw)[: at_most * 4]
    except Exception:  # a cell's own __str__, or an int with more digits than Python will print
        return f"<{type(raw).__name__}>"
    text = "".join(char if _is_visible(char) else " " for char in text)
    text = _BLANKS.sub(" ", text).strip()
    return text if len(text) <= at_most else text[: at_most - 1] + "…"


def plain_text(raw: object) -> Cleaned[str]:
    """What stands in a cell, as one trimmed line of text; None for an empty cell or a mark that means empty.

    Refused: Excel's error values, endless numbers, and things that are neither text nor number.
    """
    match raw:
        case None:
            return Cleaned()
        case bool():
            return Cleaned("是" if raw else "否")
        case int():
            return Cleaned(str(raw)) if -(10**40) < raw < 10**40 else failed("数字过大，无法识别")
        case float() | Decimal() if not is_finite(raw):
            return failed(f"“{shown(raw)}”不是有效的数字")
        case float() | Decimal():  # 3.0 is meant as 3
            return Cleaned(str(int(raw)) if -(10**40) < raw < 10**40 and raw == int(raw) else str(raw))
        case str():
            text = raw
        case _ if hasattr(raw, "isoformat"):
            text = str(raw)
        case _:
            return failed("无法识别的内容")
    return _tidy(text)


def is_finite(number: int | float | Decimal) -> bool:
    """False for the infinities and for every kind of not-a-number, which must not even be compared."""
    if isinstance(number, Decimal):
        return number.is_finite()
    return isinstance(number, int) or math.isfinite(number)


def _tidy(text: str) -> Cleaned[str]:
    # A whole sheet may sit in one cell; nobody reads past this, and every field's own limit is far below it.
    tidy = _BLANKS.sub(" ", text[:100_000].translate(_HALF_WIDTH))
    visible = tidy if tidy.isprintable() else "".join(char for char in tidy if _is_visible(char))
    visible = _BLANKS.sub(" ", visible).strip()
    notes = ["含有不可见的控制字符，已去除"] if len(visible) < len(tidy.strip()) else []
    if visible in EXCEL_ERRORS:
        return failed(f"单元格是错误值 {visible}，请改正后重新填写")
    if visible.lower() in EMPTY_MARKS:
        return noted(None, f"“{visible}”表示没有数据，按未填写处理")
    return noted(visible or None, *notes)


def _is_visible(char: str) -> bool:
    return unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Cn") or char in "\t\n\r"


def clean_text(raw: object, *, max_length: int = 500) -> Cleaned[str]:
    """Free text on one line, at most `max_length` characters.

    Text that a spreadsheet would take for a formula is refused: it would come to life in the next export.
    """
    cleaned = plain_text(raw)
    text = cleaned.value
    if text is None:
        return cleaned
    if text.startswith(FORMULA_STARTS):
        return cleaned.but(Problem("error", f"“{shown(text, 20)}”以“{text[0]}”开头，会被当作公式，请改为普通文字"))
    if len(text) > max_length:
        return cleaned.but(Problem("error", f"内容有{len(text)}个字，超过{max_length}个字的上限"))
    return cleaned


def clean_code(raw: object, *, max_length: int = 50) -> Cleaned[str]:
    """A number or code, such as a project, contract or permit number, as text.

    “1410021605130102.0” loses its tail. A number of more than 15 digits whose tail is all zeros was rounded by the
    spreadsheet, and “1.41E+15” has lost its digits: both are refused, because the true code cannot be known.
    """
    if isinstance(raw, int | float | Decimal) and not isinstance(raw, bool):
        return _code_of_number(raw)
    cleaned = plain_text(raw)
    if cleaned.value is None:
        return cleaned
    text = cleaned.value
    if wrapped := _AS_TEXT.fullmatch(text):  # ="0012": how people keep Excel from eating a number in a CSV file
        text = wrapped["inside"].strip()
    text = text.removeprefix("'").strip()
    if _SCIENTIFIC.fullmatch(text):
        return failed(f"“{shown(text)}”是科学计数法，原编号的末几位已丢失，请把该列设为文本格式后重新填写")
    notes = [problem.message for problem in cleaned.problems]
    if whole := _WHOLE_FLOAT.fullmatch(text):
        text = whole["digits"]
        notes.append(f"编号写成了小数，已更正为“{shown(text)}”")
    checked = clean_text(text, max_length=max_length)
    return Cleaned(checked.value, tuple(Problem("warning", note) for note in notes) + checked.problems)


def _code_of_number(number: int | float | Decimal) -> Cleaned[str]:
    if not is_finite(number) or not 0 <= number < 10**40 or number != int(number):
        return failed(f"“{shown(number)}”不是有效的编号")
    digits = str(int(number))
    lost = digits[_EXACT_DIGITS:]
    if lost and (not lost.strip("0") or (isinstance(number, float) and number >= 2**53)):
        return failed(f"编号“{digits}”以数字格式保存，末几位可能已失真，请把该列设为文本格式后重新填写")
    if isinstance(number, int):
        return Cleaned(digits)
    return noted(digits, f"编号写成了小数，已更正为“{digits}”")


def clean_yes_no(raw: object) -> Cleaned[bool]:
    """是 or 否, also as 1/0, true/false, 通过/未通过."""
    cleaned = plain_text(raw)
    if cleaned.value is None:
        return Cleaned(None, cleaned.problems)
    word = cleaned.value.lower()
    if word in _YES or word in _NO:
        return Cleaned(word in _YES, cleaned.problems)
    return failed(f"“{shown(cleaned.value, 20)}”无法识别，请填“是”或“否”")
