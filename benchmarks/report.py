"""What was measured beside what is wanted: tables, and a line for each target."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from benchmarks.searches import TARGETED

READ = ("list", "list of a bureau", "notice")
KEPT, NOT_MODIFIED = 0.50, 0.60
NOTHING_KEPT = {"sqlite": 0.10, "postgresql": 0.07}
"""Least requests per second of a page as a share of an empty view's."""
GROWTH = 1.2
"""Most that a page's p50, in times of the empty view's, may grow from the smaller to the larger size."""
SEARCH = {"sqlite": 10.0, "postgresql": 30.0}
"""Most milliseconds at the 95th percentile for a search with its count."""
FILINGS = 300.0
"""Least durable transactions a second."""


@dataclass(frozen=True, slots=True)
class Target:
    """Something wanted, what came of it, and whether that is enough."""

    what: str
    wanted: str
    measured: str
    met: bool


def targets(kind: str, result: dict[str, Any]) -> Iterator[Target]:
    """Every target of a database of `kind`, with what `result` (of __main__.measure) says about it."""
    pages = {(page["rows"], page["what"], page["how"]): page for page in result["pages"]}
    sizes = sorted({page["rows"] for page in result["pages"]})
    most = sizes[-1]
    for how, what, least in (
        *(("kept", what, KEPT) for what in READ),
        *(("nothing kept", what, NOTHING_KEPT[kind]) for what in READ),
        *(("not modified", what, NOT_MODIFIED) for what in ("list", "notice")),
    ):
        ratio = pages[most, what, how]["ratio"]
        yield Target(f"{what}, {how}, of the empty view", f"≥ {least:.2f}", f"{ratio:.3f}", ratio >= least)
    if len(sizes) > 1:
        for what in READ:
            grown = pages[most, what, "nothing kept"]["cost"] / pages[sizes[0], what, "nothing kept"]["cost"]
            yield Target(f"{what}, growth of p50 to {most:,}", f"≤ {GROWTH}", f"{grown:.2f}", grown <= GROWTH)
    p95 = result["searches"][TARGETED]["p95"]
    yield Target(f"{TARGETED}, at the database, p95", f"≤ {SEARCH[kind]:.0f} ms", f"{p95:.1f} ms", p95 <= SEARCH[kind])
    processes, per_second = max(result["filings"].items(), key=lambda one: one[1])
    what = f"objections filed, by {processes} process{'es' if processes > 1 else ''}"
    yield Target(what, f"≥ {FILINGS:.0f}/s", f"{per_second:.0f}/s", per_second >= FILINGS)


def lines(kind: str, result: dict[str, Any]) -> Iterator[str]:
    """The report on one database."""
    yield f"\n{kind}: pages by {result['workers']} workers and 16 connections"
    yield "ratio is to an empty Flask view in the same rounds"
    yield f"{'rows':>10}  {'page':<22}{'how':<14}{'req/s':>8}{'ratio':>8}{'p50 ms':>9}{'p99 ms':>9}"
    for page in result["pages"]:
        speed = f"{page['per_second']:>8.0f}{page['ratio']:>8.3f}{page['p50']:>9.2f}{page['p99']:>9.2f}"
        yield f"{page['rows']:>10,}  {page['what']:<22}{page['how']:<14}{speed}"
    peaks = [page["peak_megabytes"] for page in result["pages"] if page["peak_megabytes"]]
    yield f"most memory of a worker: {max(peaks):.0f} MB"
    yield f"\n{kind}: milliseconds at the database"
    yield f"{'question':<26}{'p50':>9}{'p95':>9}{'worst':>9}  of"
    for name, times in result["searches"].items():
        yield f"{name:<26}{times['p50']:>9.2f}{times['p95']:>9.2f}{times['worst']:>9.2f}  {times['worst_of']}"
    yield f"\n{kind}: objections a second, each a durable transaction of its own"
    for processes, per_second in result["filings"].items():
        yield f"{processes:>3} process{'es' if processes > 1 else '  '}{per_second:>10.0f}"
    closed = result["closings"]
    yield f"\n{kind}: {closed['closed']:,} of {closed['windows']:,} due windows closed in one run"
    yield f"{closed['rows_per_second']:.0f} a second, each a durable transaction of its own"
    yield f"most memory {closed['peak_mebibytes']:.0f} MiB; grown by {closed['growth_mebibytes']:.1f} MiB on the way"
    yield ""
    for target in targets(kind, result):
        yield f"{'met   ' if target.met else 'MISSED'}  {kind}: {target.what} {target.wanted}: {target.measured}"
