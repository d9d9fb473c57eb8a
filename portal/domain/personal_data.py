"""Personal data in free text: found, and masked, before anything is published (rule N1; 个人信息保护法 25)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from portal.domain.errors import RuleViolation

# A number inside a longer number or code is not a telephone; blanks and hyphens inside a telephone are.
_EDGE_BEFORE, _EDGE_AFTER = r"(?<![0-9A-Za-z０-９-])", r"(?![0-9A-Za-z０-９])"
_MOBILE = re.compile(_EDGE_BEFORE + r"(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}" + _EDGE_AFTER)
_LANDLINE = re.compile(r"(?<![0-9A-Za-z-])[(（]?0(?:10|2\d|[3-9]\d{2})[)）]?[- —]?[2-8]\d{6,7}" + _EDGE_AFTER)
_IDENTITY = re.compile(r"(?<![0-9A-Za-z])\d{6}(?:18|19|20)\d{2}\d{4}\d{3}[0-9Xx]" + _EDGE_AFTER)
_NAMED_IDENTITY = re.compile(r"身份证[^0-9]{0,12}(?P<number>\d{17}[0-9Xx]|\d{15})" + _EDGE_AFTER)
_EMAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,4}")
_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF10, 0xFF1A)}
_IDENTITY_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)

LABELS = {"identity": "身份证号", "mobile": "手机号码", "landline": "电话号码", "email": "电子邮箱"}


@dataclass(frozen=True, slots=True)
class Found:
    """A piece of personal data at text[start:end]; `kind` is a key of LABELS.

    The data itself is never kept or quoted.
    """

    kind: str
    start: int
    end: int

    @property
    def label(self) -> str:
        """What it is, in Chinese."""
        return LABELS[self.kind]


def find_personal_data(text: str, *, allowed: frozenset[str] = frozenset()) -> list[Found]:
    """Telephone and identity numbers and mail addresses in `text`, in order, none overlapping.

    allowed: telephone numbers that may be published, such as the office's own, digits only.
    """
    half = text.translate(_HALF_WIDTH)
    taken: list[Found] = []
    for found in _candidates(half):
        digits = re.sub(r"\D", "", half[found.start : found.end])
        if digits not in allowed and all(found.end <= other.start or found.start >= other.end for other in taken):
            taken.append(found)
    return sorted(taken, key=lambda found: found.start)


def require_none(text: str, what: str, *, field: str) -> None:
    """Raise RuleViolation if `text`, which is to be published as `what`, has personal data in it (rule N1)."""
    if found := find_personal_data(text):
        raise RuleViolation(f"{what}将公开，请删去其中的{kinds(found)}", rule="N1", field=field)


def kinds(found: Iterable[Found]) -> str:
    """What was found, in Chinese, each kind once."""
    return "、".join(dict.fromkeys(each.label for each in found))


def mask_personal_data(text: str) -> str:
    """`text` with every piece of personal data masked."""
    for found in reversed(find_personal_data(text)):
        text = text[: found.start] + masked(text[found.start : found.end]) + text[found.end :]
    return text


def masked(value: str) -> str:
    """First three and last two characters, stars between; of something that short, all stars."""
    value = value.strip()
    return value[:3] + "*" * (len(value) - 5) + value[-2:] if len(value) > 7 else "*" * len(value)


def is_identity_number(value: str) -> bool:
    """True for 18 characters with a possible birth date, a county and the right check character (GB 11643)."""
    if not re.fullmatch(r"[1-8]\d{16}[0-9Xx]", value, re.ASCII) or value[4:6] == "00":
        return False
    try:
        date(int(value[6:10]), int(value[10:12]), int(value[12:14]))
    except ValueError:
        return False
    total = sum(weight * int(digit) for weight, digit in zip(_IDENTITY_WEIGHTS, value, strict=False))
    return "10X98765432"[total % 11] == value[17].upper()


def _candidates(half: str) -> Iterator[Found]:
    """Surest first: where two overlap, the first one found stands."""
    for match in _NAMED_IDENTITY.finditer(half):
        yield Found("identity", *match.span("number"))
    for match in _IDENTITY.finditer(half):
        if is_identity_number(match[0]):  # an 18-digit permit number has no such check character, but for one in eleven
            yield Found("identity", *match.span())
    for match in _EMAIL.finditer(half):
        yield Found("email", *match.span())
    for match in _MOBILE.finditer(half):
        yield Found("mobile", *match.span())
    for match in _LANDLINE.finditer(half):
        yield Found("landline", *match.span())
