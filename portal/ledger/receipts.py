"""What a receipt says, in lines that are always written alike (rules O4, T6). Form: docs/receipt-format.md."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from portal.ledger.notes import Refused

HEADING = "portal-receipt/v1"
_BEIJING = timezone(timedelta(hours=8))
_HASH = "[0-9a-f]{64}"
_TEXT = re.compile(
    rf"{HEADING}\n"
    r"kind (?P<kind>objection|complaint|application)\n"
    r"number (?P<number>[0-9A-Z-]{1,40})\n"
    r"arrived (?P<arrived>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+08:00)\n"
    r"(?P<about>(?:about [a-z_]+(?: [!-~]{1,80})?\n)+)"
    rf"(?P<entries>(?:entry {_HASH}\n)*)"
    rf"(?P<contents>(?:content {_HASH}\n)*)"
    rf"(?P<files>(?:file {_HASH} (?:0|[1-9]\d{{0,14}})\n)*)"
    # what later versions add, such as the place in the log
    r"(?:(?!(?:kind|number|arrived|about|entry|content|file) )[a-z][a-z-]* [^\n]+\n)*",
    re.ASCII,
)


class Malformed(Refused):
    """Somebody signed it, but it is no receipt."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """One filing: what it was, when it arrived, and hashes that fix what was filed. Nothing in it names a person."""

    kind: str
    """objection, complaint or application."""
    number: str
    arrived: datetime
    """By the server's clock; written in Beijing time, to the second."""
    about: tuple[str, ...]
    """A word and a public reference each, such as `notice GS430181-2026-00001`; or the word alone."""
    entries: tuple[str, ...] = ()
    """Commitments of the trail entries that the filing left (docs/trail-format.md)."""
    contents: tuple[str, ...] = ()
    """SHA-256 of each piece of what was filed, in canonical form."""
    files: tuple[tuple[str, int], ...] = ()
    """SHA-256 and size in bytes of each file as it was handed in."""

    def text(self) -> str:
        """The lines that are signed. Raises ValueError if `read` would not understand them."""
        lines = [HEADING, f"kind {self.kind}", f"number {self.number}"]
        lines.append(f"arrived {self.arrived.astimezone(_BEIJING).isoformat(timespec='seconds')}")
        lines += [f"about {each}" for each in self.about]
        lines += [f"entry {each}" for each in self.entries]
        lines += [f"content {each}" for each in self.contents]
        lines += [f"file {sha256} {size}" for sha256, size in self.files]
        text = "".join(f"{line}\n" for line in lines)
        if not _TEXT.fullmatch(text):
            raise ValueError(f"no receipt can say this: {self}")
        return text


def read(text: str) -> Receipt:
    """The receipt that `text` says; lines that a later version added behind are passed over. Raises Malformed."""
    found = _TEXT.fullmatch(text)
    if found is None:
        raise Malformed
    try:
        arrived = datetime.fromisoformat(found["arrived"])
    except ValueError:
        raise Malformed from None
    files = (value.split(" ") for value in _values(found["files"]))
    return Receipt(
        found["kind"],
        found["number"],
        arrived,
        _values(found["about"]),
        _values(found["entries"]),
        _values(found["contents"]),
        tuple((sha256, int(size)) for sha256, size in files),
    )


def _values(lines: str) -> tuple[str, ...]:
    return tuple(line.partition(" ")[2] for line in lines.splitlines())
