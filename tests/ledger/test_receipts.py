"""What a receipt says is read back as it was written, and nothing else is a receipt; and anybody checks one with the
lines of docs/receipt-format.md."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.ledger.notes import Signer
from portal.ledger.receipts import Malformed, Receipt, read
from tests.builders import at

BEIJING = timezone(timedelta(hours=8))
HASHES = st.text("0123456789abcdef", min_size=64, max_size=64)
RECEIPTS = st.builds(
    Receipt,
    kind=st.sampled_from(["objection", "complaint", "application"]),
    number=st.from_regex(r"[A-Z]{2}[0-9]{6}-[2-9A-Z]{8}-[2-9A-Z]", fullmatch=True),
    arrived=st.datetimes(at("1990-01-01 00:00").replace(tzinfo=None), timezones=st.just(BEIJING)).map(
        lambda moment: moment.replace(microsecond=0)
    ),
    about=st.lists(st.from_regex(r"[a-z_]{1,9}( [!-~]{1,40})?", fullmatch=True), min_size=1, max_size=4).map(tuple),
    entries=st.lists(HASHES, max_size=3).map(tuple),
    contents=st.lists(HASHES, max_size=3).map(tuple),
    files=st.lists(st.tuples(HASHES, st.integers(0, 10**12)), max_size=3).map(tuple),
)
PLAIN = Receipt(
    "objection",
    "YY261009-7K3MQ9WX-P",
    at("2026-10-09 10:00"),
    ("notice GS430181-2026-00001",),
    ("a" * 64,),
    ("b" * 64,),
    (("c" * 64, 48213),),
)
DOCUMENT = Path(__file__).parents[2] / "docs" / "receipt-format.md"


@pytest.mark.rule("T6")
@given(RECEIPTS)
def test_what_was_written_is_read_back(receipt: Receipt) -> None:
    assert read(receipt.text()) == receipt
    assert read(receipt.text()).text() == receipt.text()


@pytest.mark.rule("T6")
def test_a_place_in_the_log_may_be_added_behind_later_and_is_passed_over() -> None:
    assert read(PLAIN.text() + "log 123\nlog-root abc def\n") == PLAIN


@pytest.mark.parametrize(
    "change",
    [
        ("portal-receipt/v1", "portal-receipt/v2"),
        ("kind objection", "kind rumour"),
        ("number YY", "number yy"),
        ("+08:00", "Z"),
        ("2026-10-09T", "2026-13-09T"),
        ("about notice GS430181-2026-00001\n", ""),
        ("a" * 64, "A" * 64),
        ("b" * 64, "b" * 63),
        (" 48213", " 048213"),
        (" 48213\n", " 48213\nnumber YY261009-7K3MQ9WX-P\n"),
        (" 48213\n", " 48213\ncontent " + "d" * 64 + "\n"),
        (" 48213\n", " 48213"),
    ],
)
def test_what_is_written_otherwise_is_no_receipt(change: tuple[str, str]) -> None:
    assert change[0] in PLAIN.text()
    with pytest.raises(Malformed):
        read(PLAIN.text().replace(*change))


@pytest.mark.parametrize("about", [(), ("notice a b",), ("公示",), ("notice a\nfile x",)])
def test_what_could_not_be_read_back_is_not_written(about: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="no receipt can say this"):
        Receipt("objection", "YY1", at("2026-10-09 10:00"), about).text()


def check_alone(note: bytes, key: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the programme that the document prints, in a folder of its own."""
    (programme,) = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.S)
    (folder / "check.py").write_text(programme, encoding="utf-8")
    (folder / "receipt.txt").write_bytes(note)
    command = [sys.executable, "-I", "-X", "utf8", "check.py", "receipt.txt", key]
    return subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", check=False)


@pytest.mark.rule("T6")
def test_the_lines_of_the_document_check_a_receipt_without_us(tmp_path: Path) -> None:
    signer = Signer("gs.example.gov.cn/receipts", b"\x07" * 32)
    note = signer.sign(PLAIN.text()).encode()
    right = check_alone(note, str(signer.key), tmp_path)
    assert right.returncode == 0, right.stderr
    assert PLAIN.text() in right.stdout
    assert check_alone(note.replace(b"48213", b"48214"), str(signer.key), tmp_path).returncode != 0
    stranger = Signer("gs.example.gov.cn/receipts", b"\x08" * 32)
    assert check_alone(note, str(stranger.key), tmp_path).returncode != 0


def test_the_example_of_the_document_is_a_receipt() -> None:
    example = re.findall(r"```\n(portal-receipt.*?\n)\n— ", DOCUMENT.read_text(encoding="utf-8"), re.S)[0]
    assert read(example).kind == "objection"
