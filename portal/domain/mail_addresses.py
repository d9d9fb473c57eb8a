"""邮箱地址: which ones a letter can be sent to, and which are one person's."""

from __future__ import annotations

import re
import unicodedata

from portal.domain.errors import RuleViolation

LONGEST = 254
LONGEST_LOCAL = 64
# what mail servers agree on, and less: no blank, quote, comment, line end or encoded word (=?…?=) can hide in it
_ATOM, _LABEL = r"[a-z0-9_+&'~-]+", r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_LOCAL = re.compile(rf"{_ATOM}(\.{_ATOM})*", re.IGNORECASE | re.ASCII)
_DOMAIN = re.compile(rf"({_LABEL}\.)+([a-z]{{2,63}}|xn--[a-z0-9-]{{1,59}})", re.ASCII)
REFUSAL = "邮箱地址的格式不对，请写成 name@example.com 的样子；@前面只能有字母、数字和 . _ - + 等符号"


def checked(typed: str, *, field: str = "address") -> str:
    """The address as letters carry it: full-width folded, a domain in Chinese or other letters in its ASCII form.

    Raises RuleViolation (with `field`) for what no letter can be sent to.
    """
    address = unicodedata.normalize("NFKC", typed[: LONGEST + 1].strip())
    local, _, domain = address.rpartition("@")
    if len(typed) <= LONGEST and len(address) <= LONGEST:
        try:
            domain = domain.encode("idna").decode("ascii").lower()
        except UnicodeError:
            domain = ""
        address = f"{local}@{domain}"
        fits = len(local) <= LONGEST_LOCAL and len(address) <= LONGEST
        if fits and _LOCAL.fullmatch(local) and _DOMAIN.fullmatch(domain):
            return address
    raise RuleViolation(REFUSAL, field=field)


def mailbox(address: str) -> str:
    """Whose address it is: the same for all of its spellings, name+anything@… among them."""
    local, _, domain = address.lower().rpartition("@")
    return f"{local.partition('+')[0] or local}@{domain}"
