"""What visitors ask for, drawn from the loaded rows: lists, searches and notices. The same on each run."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from urllib.parse import quote

from sqlalchemy import func, select

from portal.domain import filings
from portal.extensions import begin_write, db
from portal.models.bureau import Bureau
from portal.models.notice import Notice
from portal.models.search import runs
from portal.models.words import IdentityMode, NoticeStatus, Tier

COMMON = ["长沙", "湖南", "工程", "道路", "学校", "医院", "公示", "合同", "改造", "2026"]
COMMON += ["人民路", "长沙市", "有限公司", "道路改造工程", "建设集团有限公司"]
LENGTHS = (2, 3, 4, 8)
GROUND = "合同金额与实际不符，附件为原合同"


@dataclass(frozen=True, slots=True)
class Questions:
    """Addresses of many different pages, by what they are; and a few that everybody asks for at once."""

    many: dict[str, list[str]]
    hot: dict[str, list[str]]


def draw(seed: int = 1) -> Questions:
    """Questions to the application whose context is pushed."""
    random = Random(seed)
    newest = db.session.scalar(select(func.max(Notice.id))) or 1
    picked = [random.randint(1, newest) for _ in range(2000)]
    references = list(db.session.scalars(select(Notice.reference).where(Notice.id.in_(picked))))
    random.shuffle(references)
    codes = list(db.session.scalars(select(Bureau.code).where(Bureau.tier != Tier.PROVINCE).order_by(Bureau.id)))
    cities = list(db.session.scalars(select(Bureau.code).where(Bureau.tier == Tier.CITY).order_by(Bureau.id)))
    words = {length: substrings(length, 80, seed) for length in (2, 4)}
    many = {
        "list": ["/notices", *(f"/notices?before={number}" for number in picked[:200])],
        "list of a bureau": [f"/notices?bureau={code}" for code in codes],
        "search, 2 characters": [f"/notices?q={quote(word)}" for word in words[2]],
        "search, 4 characters": [f"/notices?q={quote(word)}" for word in words[4]],
        "notice": [f"/notices/{reference}" for reference in references],
    }
    hot = {what: addresses[:20] for what, addresses in many.items()}
    hot |= {"list": ["/notices"], "list of a bureau": [f"/notices?bureau={code}" for code in cities]}
    return Questions(many, hot)


def substrings(length: int, count: int, seed: int = 1) -> list[str]:
    """Random runs of `length` characters out of titles and company names of random rows."""
    random = Random(f"{seed}-{length}")
    newest = db.session.scalar(select(func.max(Notice.id))) or 1
    found: list[str] = []
    while len(found) < count:
        row = db.session.execute(
            select(Notice.title, Notice.company).where(Notice.id == random.randint(1, newest))
        ).one()
        long_enough = [run for run in runs("\n".join(row)) if len(run) >= length]
        if long_enough:
            run = random.choice(long_enough)
            start = random.randint(0, len(run) - length)
            found.append(run[start : start + length])
    return found


def tickets(count: int) -> list[str]:
    """Tokens of `count` filings about notices that are open, typed and ready to be sent."""
    from portal import clock

    open_now = list(
        db.session.scalars(
            select(Notice.id)
            .where(Notice.status == NoticeStatus.OPEN, Notice.ends_at > clock.now())
            .order_by(Notice.id.desc())
            .limit(500)
        )
    )
    tokens = []
    begin_write()
    for number in range(count):
        token = filings.begin(open_now[number % len(open_now)], now=clock.now())
        filings.keep_draft(filings.find_ticket(token), {"mode": IdentityMode.ANONYMOUS.value, "grounds": [GROUND]})
        tokens.append(token)
    db.session.commit()
    return tokens
