"""A proof of work, or a short wait, where filings come thick and fast: no foreign captcha, no riddle, no closed door.

The browser computes while its visitor reads; without JavaScript the same page takes the filing after a wait. Nothing
typed is lost meanwhile: it lies with the ticket.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from altcha.v1 import ChallengeOptions, create_challenge, extract_params, verify_solution
from flask import request
from itsdangerous import BadSignature, URLSafeSerializer

from portal import clock
from portal.domain import limits
from portal.domain.errors import RuleViolation
from portal.extensions import db
from portal.web.access import settings
from portal.web.visitors import address_key

Result = TypeVar("Result")
EASIEST, HARDEST = 20_000, 500_000
"""Most hashes a browser has to try: a tenth of a second on a telephone, and a few seconds."""
SECONDS_TO_WAIT, LONGEST_WAIT = 30, 600
LIFE = 7200
"""Seconds a proof is good for."""


class ProofWanted(RuleViolation):
    """Too much from here at once: compute, or wait."""

    status = 429


@dataclass(frozen=True, slots=True)
class Asked:
    """What the page asks: `challenge` for the browser (JSON), or to send `waited` after so many seconds."""

    challenge: str
    waited: str
    seconds: int


def asked(about: str) -> Asked | None:
    """What a page must ask before it sends a filing about `about`; None while there is little to do."""
    over = limits.excess(address_key(), about, now=clock.now())
    if not over:
        return None
    challenge = create_challenge(
        ChallengeOptions(
            hmac_key=_key(), max_number=min(EASIEST * 2**over, HARDEST), params={"for": about, "at": str(_clock())}
        )
    )
    return Asked(json.dumps(challenge.to_dict()), _waits().dumps([about, _clock()]), _seconds(over))


def guarded(about: str, act: Callable[[], Result]) -> Callable[[], Result]:
    """`act`, preceded in its transaction by the check and the count: attempt(form, guarded(about, lambda: ...))."""

    def checked() -> Result:
        _check(about)
        limits.note_filing(address_key(), about, now=clock.now())
        return act()

    return checked


def _check(about: str) -> None:
    over = limits.excess(address_key(), about, now=clock.now())
    if not over or _computed(about) or _waited(about, over):
        return
    db.session.rollback()
    raise ProofWanted(
        f"短时间内从您的网络地址（或就同一事项）提交较多。您填写的内容已保存：请等待约{_seconds(over)}秒后再点提交，"
        "无需重新填写。",
        field="proof",
    )


def _computed(about: str) -> bool:
    """Whether the form carries a solution for this matter, not too old and not used before."""
    try:
        said = json.loads(base64.b64decode(request.form.get("proof", "")[:2000]))
        fits, _why = verify_solution(said, _key())
        named = extract_params(said)
        fresh = named["for"] == [about] and 0 <= _clock() - int(named["at"][0]) <= LIFE
    except (ValueError, KeyError, TypeError, AttributeError):
        return False
    return bool(fits) and fresh and limits.first_use(str(said["signature"])[:64], now=clock.now())


def _waited(about: str, over: int) -> bool:
    """Whether the form was shown long enough ago, and was not sent before."""
    token = request.form.get("waited", "")[:500]
    try:
        matter, begun = _waits().loads(token)
    except BadSignature:
        return False
    fresh = matter == about and _seconds(over) <= _clock() - begun <= LIFE
    return fresh and limits.first_use(token[-64:], now=clock.now())


def _clock() -> int:
    return int(clock.now().timestamp())


def _seconds(over: int) -> int:
    return min(SECONDS_TO_WAIT * over, LONGEST_WAIT)


def _key() -> str:
    return settings().secret_key + "proof of work"


def _waits() -> URLSafeSerializer:
    return URLSafeSerializer(settings().secret_key, salt="waited for a filing")
