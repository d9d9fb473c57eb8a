"""How many pages a second the real server gives, beside the empty view in the same rounds, at both sizes."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import chain, cycle
from typing import Any

from benchmarks import questions
from benchmarks.client import Measured, ask, drive, get, post
from benchmarks.databases import FOLDER, application
from benchmarks.loading import Progress
from benchmarks.questions import Questions
from benchmarks.servers import Server, serve

KEPT_SECONDS = 5.0
"""As an installation keeps pages unless it chooses otherwise."""
Measure = Callable[[], Measured]


def measure(urls: dict[int, str], *, rounds: int, seconds: float) -> list[dict[str, Any]]:
    """Speeds of every kind of page on the databases `urls` (rows to address), interleaved with the empty view.

    One dictionary per kind: rows, what, how ("nothing kept", "kept", "not modified", "written"), per_second, ratio (to
    the empty view in the same round, median of the rounds), p50 and p99 in milliseconds, and cost: p50 in times of the
    empty view, which does not move with a machine that is faster one minute than the next.
    """
    found: dict[tuple[int, str, str], list[tuple[Measured, Measured]]] = {}
    with ExitStack() as stack:
        bare = stack.enter_context(serve("benchmarks.bare:create_app", FOLDER))
        kinds: dict[tuple[int, str, str], Measure] = {}
        servers: list[tuple[int, str, Server]] = []
        for rows, url in urls.items():
            fresh = stack.enter_context(serve("portal:create_app", FOLDER, url))
            kept = stack.enter_context(serve("portal:create_app", FOLDER, url, KEPT_SECONDS))
            servers += [(rows, "nothing kept", fresh), (rows, "kept", kept)]
            with application(url):
                asked = questions.draw()
                tokens = iter(questions.tickets(int(rounds * seconds * 600) + 100))
            kinds |= _reading(rows, fresh, kept, asked, seconds)
            kinds[rows, "objection", "written"] = _filing(fresh, tokens, seconds)
        empty = _repeat(bare, [get("/")], seconds)
        for first in (empty, *kinds.values()):
            first()  # to warm up
        progress, done = Progress("pages", rounds * len(kinds)), 0
        for _ in range(rounds):
            for kind, run in sorted(kinds.items(), key=lambda one: one[0][1:]):  # both sizes side by side
                beside = empty()
                found.setdefault(kind, []).append((run(), beside))
                progress.at(done := done + 1)
        peaks = {(rows, how): server.peak_megabytes() for rows, how, server in servers}
    return [
        {
            "rows": rows,
            "what": what,
            "how": how,
            "per_second": statistics.median(one.per_second for one, _ in each),
            "ratio": statistics.median(one.per_second / empty.per_second for one, empty in each),
            "cost": statistics.median(one.p50 / empty.p50 for one, empty in each),
            "p50": statistics.median(one.p50 for one, _ in each),
            "p99": statistics.median(one.p99 for one, _ in each),
            "peak_megabytes": peaks.get((rows, how)),
        }
        for (rows, what, how), each in found.items()
    ]


def _reading(rows: int, fresh: Server, kept: Server, asked: Questions, seconds: float) -> dict[Any, Measure]:
    kinds: dict[Any, Measure] = {}
    for what, addresses in asked.many.items():
        kinds[rows, what, "nothing kept"] = _repeat(fresh, [get(address) for address in addresses], seconds)
        kinds[rows, what, "kept"] = _repeat(kept, [get(address) for address in asked.hot[what]], seconds)
    for what in ("list", "notice"):
        known = [_with_tag(kept, address) for address in asked.hot[what]]
        kinds[rows, what, "not modified"] = _repeat(kept, known, seconds, expected=304)
    return kinds


def _repeat(server: Server, requests: list[bytes], seconds: float, expected: int = 200) -> Measure:
    """Each round goes on where the last one ended."""
    endless = cycle(requests)
    return lambda: drive(server.port, endless, seconds=seconds, expected=expected)


def _filing(server: Server, tokens: Iterator[str], seconds: float) -> Measure:
    requests = (post(f"/filings/{token}", "") for token in tokens)
    return lambda: drive(server.port, chain(requests), seconds=seconds, expected=303)


def _with_tag(server: Server, address: str) -> bytes:
    head = ask(server.port, get(address)).partition(b"\r\n\r\n")[0].decode()
    tag = next(line.partition(": ")[2] for line in head.split("\r\n") if line.lower().startswith("etag"))
    return get(address, f"If-None-Match: {tag}")
