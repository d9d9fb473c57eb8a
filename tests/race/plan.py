"""Who files about which notice, when, and who closes it: drawn by lot, the same lot for the same seed.

All times are seconds after the end of the window, which all notices of a race share. What makes a race is that a filing
may have arrived before the end although it is handled now (a slow request, an upload that had begun), while schedulers
whose clocks already read past the end and its grace are at the same notice.
"""

from __future__ import annotations

import json
import random
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

FILERS, CLOSERS = 3, 2
GROUP = 20
"""Notices that all processes turn to at the same moment."""
GRACE, PAST_END = 10 * 60, 30 * 60


class Way(StrEnum):
    """How a filing meets the end of the window."""

    SLOW = "slow"
    """Begun and arrived before the end, handled after it."""
    HELD = "held"
    """Its ticket was given out before the end; it arrives while the ticket lives."""
    EXPIRED = "expired"
    """Its ticket was given out before the end; it arrives when the ticket lives no more."""
    LATE = "late"
    """Begun at the end instant or later."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One filing by one process. `token` is empty if it begins during the race."""

    notice_id: int
    way: Way
    token: str
    begun: float
    arrived: float
    text: str
    pause: float


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the filer was told."""

    notice_id: int
    way: Way
    token: str
    text: str
    objection: bool
    number: str


@dataclass(frozen=True, slots=True)
class Plan:
    """Per process and group what it has to do; tickets given out before the end, also those nobody will use."""

    filings: list[list[list[Attempt]]]
    closings: list[list[list[tuple[int, float, float]]]]
    """Notice, the closer's clock, the pause before."""
    tickets: list[tuple[int, str, float]]
    """Notice, token, begun."""


def draw(ids: range, seed: int) -> Plan:
    """The plan for these notices."""
    lot = random.Random(seed)
    filings: list[list[list[Attempt]]] = [[] for _ in range(FILERS)]
    closings: list[list[list[tuple[int, float, float]]]] = [[] for _ in range(CLOSERS)]
    tickets: list[tuple[int, str, float]] = []
    for start in range(ids.start, ids.stop, GROUP):
        group = range(start, min(start + GROUP, ids.stop))
        attempts: list[list[Attempt]] = [[] for _ in range(FILERS)]
        for notice_id in group:
            for at in range(lot.choice((0, 1, 1, 2, 2, 2, 3))):
                attempt = _attempt(lot, notice_id, at, tickets)
                senders = 2 if attempt.token and lot.random() < 0.2 else 1  # a doubled click, handled by two processes
                for filer in lot.sample(range(FILERS), senders):
                    attempts[filer].append(attempt)
            if lot.random() < 0.05:
                tickets.append((notice_id, f"abandoned-{notice_id}", -lot.uniform(1, 3600)))
        for filer, mine in enumerate(attempts):
            lot.shuffle(mine)
            filings[filer].append(mine)
        for closer in closings:
            order = [(notice_id, _clock(lot), _pause(lot)) for notice_id in group]
            lot.shuffle(order)
            closer.append(order)
    return Plan(filings, closings, tickets)


def _attempt(lot: random.Random, notice_id: int, at: int, tickets: list[tuple[int, str, float]]) -> Attempt:
    way = lot.choices(list(Way), weights=(45, 35, 10, 10))[0]
    token, begun = "", 0.0
    if way is Way.SLOW:
        begun = arrived = lot.choice((-1.0, -lot.uniform(1, 120)))
    elif way is Way.LATE:
        begun = arrived = lot.choice((0.0, lot.uniform(0, 3600)))
    else:
        token, begun = f"ticket-{notice_id}-{at}", -lot.uniform(1, 3600)
        arrived = lot.uniform(-1, PAST_END - 1) if way is Way.HELD else lot.choice((PAST_END, PAST_END + 60.0))
        tickets.append((notice_id, token, begun))
    return Attempt(
        notice_id, way, token, begun, arrived, f"第{notice_id}号公示第{at + 1}份异议：合同金额与实际不符", _pause(lot)
    )


def _clock(lot: random.Random) -> float:
    """What the closing scheduler's clock reads: the grace just over, or every ticket run out."""
    return lot.choice((float(GRACE), GRACE + lot.uniform(0, 60), float(PAST_END), PAST_END + 900.0, PAST_END + 1800.0))


def _pause(lot: random.Random) -> float:
    """Seconds to wait before: mostly none, sometimes as long as a transaction or a few take."""
    return lot.choice((0.0, 0.0, lot.uniform(0, 0.003), lot.uniform(0, 0.02)))


def keep(receipts: list[Receipt], path: Path) -> None:
    """Write receipts down for another process."""
    path.write_text(json.dumps([asdict(receipt) for receipt in receipts]))


def kept(path: Path) -> list[Receipt]:
    """What `keep` wrote."""
    return [Receipt(**{**row, "way": Way(row["way"])}) for row in json.loads(path.read_text())]
