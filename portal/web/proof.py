"""A proof of work, or a short wait, where filings or guesses come thick and fast: no foreign captcha, no riddle, no
closed door.

The browser computes while its visitor reads; without JavaScript the same page is taken after a wait. Each proof and
each wait is its visitor's own and good for once, so that nobody can use up another's.
"""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, TypeVar

from altcha.v1 import ChallengeOptions, create_challenge, extract_params, verify_solution
from flask import Response, after_this_request, g, request
from itsdangerous import BadSignature, URLSafeSerializer

from portal import clock
from portal.clock import BEIJING
from portal.domain import limits
from portal.domain.errors import RuleViolation
from portal.extensions import begin_write, db
from portal.web.access import settings
from portal.web.visitors import address_key

Result = TypeVar("Result")
EASIEST, HARDEST = 20_000, 200_000
"""Most hashes a browser has to try: a tenth of a second at a desk, and a few seconds on a telephone."""
SECONDS_TO_WAIT, LONGEST_WAIT, LONGEST_LOOK_UP_WAIT = 30, 600, 60
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
    ready_at: str
    """The same as a time of day, Beijing time."""


class Wait(NamedTuple):
    """A wait that has begun: the second from which it is over, and what makes it its visitor's own.

    So much was said and more is not asked, however much others do meanwhile or however often it is sent too early.
    """

    ready: int
    nonce: str
    since: int
    """The second of the request it was first asked of."""

    @property
    def ready_at(self) -> datetime:
        """The same as an instant."""
        return _instant(self.ready)


def asked(about: str) -> Asked | None:
    """What a page must ask before it sends a filing about `about`; None while there is little to do."""
    over = limits.excess(address_key(), about, now=clock.now())
    return _ask(about, over, _seconds(over)) if over else None


def guarded(about: str, act: Callable[[], Result]) -> Callable[[], Result]:
    """`act`, preceded in its transaction by the check and the count: attempt(form, guarded(about, lambda: ...))."""

    def checked() -> Result:
        over = limits.excess(address_key(), about, now=clock.now())
        if over and not _proven(about):
            db.session.rollback()
            raise _wanted(
                _still_to_wait(about, _seconds(over)),
                "短时间内从您的网络地址（或就同一事项）提交较多。您填写的内容已保存，不用重新填写：浏览器算好后即可再次提交；"
                "没有启用脚本的，请在{at}之后（约{seconds}秒）再点提交。",
            )
        limits.note_filing(address_key(), about, now=clock.now())
        return act()

    return checked


def begun(begin: Callable[[datetime], Result]) -> Result:
    """What `begin` returns, called with the instant at which a filing began, and preceded in its transaction by the
    check and the count of what this network begins. Raises ProofWanted, and then `asked_to_begin` says what for.

    Whoever had to compute or to wait began when he asked for it, not when that was over (rule O1).
    """
    about, over = _beginning(), limits.begun_excess(address_key(), now=clock.now())
    if over and not _proven(about):
        db.session.rollback()
        raise _wanted(
            _still_to_wait(about, _seconds(over)),
            "短时间内从您的网络地址开始填写的次数较多。浏览器算好后即可开始；没有启用脚本的，请在{at}之后（约{seconds}秒）再点“开始填写”。",
        )
    limits.note_begun(address_key(), now=clock.now())
    wait = _begun(about)
    return begin(g.arrived_at if wait is None else _instant(wait.since))


def asked_to_begin() -> Asked:
    """What the page must ask on which a filing may begin after all, at the address the request was sent to."""
    over = max(1, limits.begun_excess(address_key(), now=clock.now()))
    return _ask(_beginning(), over, _seconds(over))


def asked_before_look_up(number: str) -> Asked | None:
    """What a page must ask before number and code are looked at; None while few pairs were wrong (rule O4)."""
    over = limits.wrong_excess(address_key(), number, now=clock.now())
    return _ask(number, over, _look_up_seconds(over)) if over else None


def check_look_up(number: str) -> None:
    """Let a number and a code be looked at, or raise ProofWanted: whether they fit, nobody has looked then (rule O4).

    However many others guess, whoever has the right code needs no more than one proof or one wait of his own.
    """
    over = limits.wrong_excess(address_key(), number, now=clock.now())
    if not over:
        return
    begin_write()
    proven = _proven(number)
    db.session.commit()  # a proof is used up, whatever comes of it
    if not proven:
        raise _wanted(
            _still_to_wait(number, _look_up_seconds(over)),
            "编号与查询码不符的次数较多。为防止有人猜测查询码，浏览器算好后才能再次查询；没有启用脚本的，"
            "请在{at}之后（约{seconds}秒）再点“查询”。已填写的内容还在。",
        )


def _ask(about: str, over: int, seconds: int) -> Asked:
    challenge = create_challenge(
        ChallengeOptions(
            hmac_key=_key(), max_number=min(EASIEST * 2**over, HARDEST), params={"for": about, "at": str(_clock())}
        )
    )
    wait = _begun(about)
    if wait is None or limits.used(wait.nonce, wait.ready_at):
        wait = Wait(_clock() + seconds, secrets.token_urlsafe(12), int(g.arrived_at.timestamp()))
    left = max(0, wait.ready - _clock())
    token = _waits().dumps([about, *wait])
    return Asked(json.dumps(challenge.to_dict()), token, left, _time_of_day(left))


def _proven(about: str) -> bool:
    return _computed(about) or _waited(about)


def _computed(about: str) -> bool:
    """Whether the form carries a solution for this matter, not too old and not used before."""
    try:
        said = json.loads(base64.b64decode(request.form.get("proof", "")[:2000]))
        fits, _why = verify_solution(said, _key())
        named = extract_params(said)
        made = int(named["at"][0])
        fresh = named["for"] == [about] and 0 <= _clock() - made <= LIFE
    except (ValueError, KeyError, TypeError, AttributeError):
        return False
    return bool(fits) and fresh and limits.first_use(str(said["signature"])[:64], made_at=_instant(made))


def _waited(about: str) -> bool:
    """Whether the form was shown long enough ago, and was not sent before."""
    wait = _begun(about)
    return wait is not None and wait.ready <= _clock() and limits.first_use(wait.nonce, made_at=wait.ready_at)


def _begun(about: str) -> Wait | None:
    """The wait the form carries; None if it carries none of ours, one about something else, or one too old."""
    try:
        matter, ready, nonce, since = _waits().loads(request.form.get("waited", "")[:500])
    except (BadSignature, ValueError, TypeError):
        return None
    return Wait(int(ready), nonce, int(since)) if matter == about and _clock() <= ready + LIFE else None


def _beginning() -> str:
    return f"begin {request.path}"


def _still_to_wait(about: str, seconds: int) -> int:
    """Seconds until the form may be sent again: what is left of a wait that has begun, or a whole one."""
    wait = _begun(about)
    return seconds if wait is None or wait.ready <= _clock() else wait.ready - _clock()


def _wanted(seconds: int, words: str) -> ProofWanted:
    @after_this_request
    def _say_when(response: Response) -> Response:
        response.headers["Retry-After"] = str(seconds)
        return response

    return ProofWanted(words.format(at=_time_of_day(seconds), seconds=seconds), rule="O4", field="proof")


def _time_of_day(seconds: int) -> str:
    # the next whole second: the one that is under way has partly gone
    return f"{(clock.now() + timedelta(seconds=seconds + 1)).astimezone(BEIJING):%H:%M:%S}"


def _instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _clock() -> int:
    return int(clock.now().timestamp())


def _seconds(over: int) -> int:
    return min(SECONDS_TO_WAIT * over, LONGEST_WAIT)


def _look_up_seconds(over: int) -> int:
    return min(SECONDS_TO_WAIT * over, LONGEST_LOOK_UP_WAIT)


def _key() -> str:
    return settings().secret_key + "proof of work"


def _waits() -> URLSafeSerializer:
    return URLSafeSerializer(settings().secret_key, salt="waited for a filing")
