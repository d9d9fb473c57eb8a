"""Amounts in 万元, areas in ㎡, lengths in m and whole numbers, with the units people write inside the cell."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from typing import Any

from portal.domain.cleaning.text import Cleaned, Problem, failed, noted, plain_text, shown

_EXACT = Context(prec=60, rounding=ROUND_HALF_UP)
_WRITTEN = re.compile(
    r"(?P<sign>[-+]?)(?P<number>(\d{1,3}(,\d{3})+|\d+)(\.\d*)?|\.\d+)(?P<power>[eE][+-]?\d{1,3})?(?P<unit>\D.*)?"
)
_SIGNS = str.maketrans({"，": ",", "．": ".", "－": "-", "−": "-", "＋": "+", "￥": "", "¥": ""})


@dataclass(frozen=True, slots=True)
class _Measure:
    """One kind of quantity: its unit, what other units are worth in it, its decimals, and where sense ends.

    huge: still possible, but more likely written in a smaller unit. limit: more than the national data standard can
    hold.
    """

    unit: str
    units: Mapping[str, Decimal]
    places: int
    huge: Decimal
    limit: Decimal


_AMOUNT = _Measure(
    unit="万元",
    units={
        "万元": Decimal(1), "万": Decimal(1), "万元人民币": Decimal(1), "万人民币": Decimal(1),
        "元": Decimal("0.0001"), "元人民币": Decimal("0.0001"),
        "亿元": Decimal(10_000), "亿": Decimal(10_000), "千元": Decimal("0.1"),
    },
    places=4,
    huge=Decimal(10_000_000),
    limit=Decimal("99999999999.9999"),
)  # fmt: skip
_AREA = _Measure(
    unit="㎡",
    units={
        **dict.fromkeys(("㎡", "m2", "m²", "m^2", "平方米", "平米", "平方", "平", "平方公尺"), Decimal(1)),
        **dict.fromkeys(("万㎡", "万m2", "万m²", "万平方米", "万平米", "万平方", "万平"), Decimal(10_000)),
        **dict.fromkeys(("公顷", "ha", "hm2", "hm²"), Decimal(10_000)),
        **dict.fromkeys(("平方千米", "平方公里", "km2", "km²"), Decimal(1_000_000)),
        "亩": Decimal(10_000) / Decimal(15),
    },
    places=2,
    huge=Decimal(100_000_000),
    limit=Decimal("9999999999999.99"),
)
_LENGTH = _Measure(
    unit="米",
    units={
        **dict.fromkeys(("米", "m", "公尺"), Decimal(1)),
        **dict.fromkeys(("千米", "公里", "km"), Decimal(1000)),
        **dict.fromkeys(("毫米", "mm"), Decimal("0.001")),
        **dict.fromkeys(("厘米", "cm"), Decimal("0.01")),
    },
    places=3,
    huge=Decimal(1_000_000),
    limit=Decimal("999999999.999"),
)


def clean_amount(raw: object) -> Cleaned[Decimal]:
    """Money in 万元 with at most four decimals; 元 and 亿元 are converted.

    −1 and 0 are placeholders and count as empty.
    """
    return _measured(raw, _AMOUNT)


def clean_area(raw: object) -> Cleaned[Decimal]:
    """An area in ㎡ with at most two decimals; 亩, 公顷 and 万平方米 are converted. −1 and 0 count as empty."""
    return _measured(raw, _AREA)


def clean_length(raw: object) -> Cleaned[Decimal]:
    """A length, height or span in metres with at most three decimals. −1 and 0 count as empty."""
    return _measured(raw, _LENGTH)


def clean_integer(raw: object, *, at_most: int = 1_000_000) -> Cleaned[int]:
    """A whole number from 0 to `at_most`, such as storeys or days; a unit such as 层 or 天 is dropped.

    −1 counts as empty.
    """
    cleaned = plain_text(raw)
    if cleaned.value is None:
        return Cleaned(None, cleaned.problems)
    text = cleaned.value.removesuffix("日历天").rstrip("层天日户人栋幢个条项 ")
    parsed = _WRITTEN.fullmatch(text.translate(_SIGNS).replace(" ", ""))
    number = _decimal(parsed) if parsed and not parsed["unit"] else None
    if number is None or number != number.to_integral_value():
        return failed(f"“{shown(cleaned.value)}”不是整数")
    if number == -1:
        return _empty_mark(cleaned.value)
    if not 0 <= number <= at_most:
        return failed(f"“{shown(cleaned.value)}”超出合理范围（0至{at_most}）")
    return Cleaned(int(number), cleaned.problems)


def plain(number: Decimal) -> str:
    """The shortest plain spelling, which is the canonical one: 913.8285, 68300, never 6.83E+4."""
    text = f"{number:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text


def _measured(raw: object, measure: _Measure) -> Cleaned[Decimal]:
    cleaned = plain_text(raw)
    if cleaned.value is None:
        return Cleaned(None, cleaned.problems)
    text = cleaned.value.translate(_SIGNS).replace(" ", "").removeprefix("人民币")
    parsed = _WRITTEN.fullmatch(text)
    if parsed is None:
        return failed(f"“{shown(cleaned.value)}”不是一个可用的数字，请只填一个以{measure.unit}为单位的数")
    unit = (parsed["unit"] or "").strip("()（）。.整").lower()
    worth = measure.units.get(unit) if unit else Decimal(1)
    if worth is None:
        return failed(f"不能从“{shown(cleaned.value)}”中确定唯一的数值，请只填一个以{measure.unit}为单位的数")
    number = _decimal(parsed)
    if number is None or abs(number) > measure.limit * 10_000:
        return failed(f"“{shown(cleaned.value)}”超出可登记的范围，请核对单位")
    if number in (0, -1):
        return _empty_mark(cleaned.value)
    return _fitted(cleaned.value, _EXACT.multiply(number, worth), measure, converted=worth != 1)


def _fitted(written: str, number: Decimal, measure: _Measure, *, converted: bool) -> Cleaned[Decimal]:
    """`number` checked against the measure's range and cut to its decimals."""
    if number < 0:
        return failed(f"“{shown(written)}”是负数，请核对")
    rounded = number.quantize(Decimal(1).scaleb(-measure.places), context=_EXACT)
    if rounded > measure.limit:
        return failed(f"“{shown(written)}”超出可登记的范围，请核对单位")
    if rounded == 0:
        return failed(
            f"“{shown(written)}”折合后不足{plain(Decimal(1).scaleb(-measure.places))}{measure.unit}，请核对单位"
        )
    value = Decimal(plain(rounded))
    notes = []
    if converted:
        notes.append(f"“{shown(written)}”已换算为{plain(value)}{measure.unit}")
    elif abs(rounded - number) > Decimal("1e-9"):  # a smaller difference is the noise of a binary float, not a fact
        notes.append(f"“{shown(written)}”超过{measure.places}位小数，已四舍五入为{plain(value)}")
    if value >= measure.huge:
        notes.append(f"{plain(value)}{measure.unit}异常大，请核对单位")
    return noted(value, *notes)


def _decimal(parsed: re.Match[str]) -> Decimal | None:
    """The number as written; None if it has more digits than any fact needs."""
    digits = parsed["number"].replace(",", "")
    if len(digits) > 40:
        return None
    try:
        return Decimal(parsed["sign"] + digits + (parsed["power"] or ""))
    except InvalidOperation:
        return None


def _empty_mark(written: str) -> Cleaned[Any]:
    return Cleaned(None, (Problem("warning", f"“{shown(written)}”是占位值，按未填写处理"),))
