"""`make bench`: load both databases at both sizes, drive them, print ratios and which targets are met.

make bench ARGS="--rows 10000 --database sqlite"
"""

from __future__ import annotations

import argparse
import json
from typing import Any

from benchmarks import close_windows, filings, pages, report, searches
from benchmarks.databases import FOLDER, KINDS, Databases
from benchmarks.servers import WORKERS

SIZES = (10_000, 1_000_000)
DUE = 100_000


def main() -> None:
    """Measure what was asked for; the figures also go to .cache/bench/results.json."""
    asked = _arguments()
    databases, results = Databases(), dict[str, Any]()
    try:
        for kind in asked.database or KINDS:
            results[kind] = measure(databases, kind, sorted(asked.rows or SIZES), asked)
            for line in report.lines(kind, results[kind]):
                print(line, flush=True)
    finally:
        databases.close()
    kept = FOLDER / "results.json"
    kept.write_text(json.dumps(results, ensure_ascii=False, indent=1))
    print(f"\nAs JSON: {kept}")


def measure(databases: Databases, kind: str, sizes: list[int], asked: argparse.Namespace) -> dict[str, Any]:
    """Everything about one kind of database; searches and filings at the largest size, closing in one of its own."""
    urls = {rows: databases.url(kind, rows) for rows in sizes}
    largest = urls[sizes[-1]]
    return {
        "workers": WORKERS,
        "searches": searches.measure(largest),
        "pages": pages.measure(urls, rounds=asked.rounds, seconds=asked.seconds),
        "filings": filings.measure(largest, 2000),
        "closings": close_windows.measure(databases.empty(kind), asked.due),
    }


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rows", type=int, action="append", help=f"notices to load; again for another size ({SIZES})")
    parser.add_argument("--database", choices=KINDS, action="append", help="only this kind")
    parser.add_argument("--rounds", type=int, default=5, help="each page is driven so often; the median counts")
    parser.add_argument("--seconds", type=float, default=1.5, help="length of one round of one page")
    parser.add_argument("--due", type=int, default=DUE, help="windows that are due at once, to be closed in one run")
    return parser.parse_args()


if __name__ == "__main__":
    main()
