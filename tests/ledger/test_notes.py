"""Signed notes: what was signed is opened, and nothing else is, whoever changed whichever byte."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.ledger import notes
from portal.ledger.notes import NotANote, Refused, Signer, UnknownKey, VerifierKey, WrongSignature

SIGNER = Signer("gs.example.gov.cn/receipts", b"\x07" * 32)
OTHER = Signer("gs.example.gov.cn/receipts", b"\x08" * 32)
TEXT = "第一行\nsecond line\n"
LINES = st.lists(st.text(st.characters(exclude_categories=["Cc", "Cs"])), min_size=1, max_size=5)
# the example of golang.org/x/mod/sumdb/note
THEIR_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
THEIR_NOTE = """If you think cryptography is the answer to your problem,
then you don't know what your problem is.

— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=
"""


@pytest.mark.rule("T6")
@given(LINES)
def test_whatever_lines_were_signed_are_opened_and_signed_alike_again(lines: list[str]) -> None:
    text = "".join(f"{line}\n" for line in lines)
    note = SIGNER.sign(text)
    assert notes.opened(note, [OTHER.key, SIGNER.key]) == (text, SIGNER.key)
    assert SIGNER.sign(text) == note


@pytest.mark.rule("T6")
@given(st.integers(0, len(SIGNER.sign(TEXT).encode()) - 1), st.integers(1, 255))
def test_no_byte_can_be_changed(at: int, by: int) -> None:
    data = bytearray(SIGNER.sign(TEXT).encode())
    data[at] ^= by
    with pytest.raises((Refused, UnicodeDecodeError)):
        notes.opened(data.decode(), [SIGNER.key])


@given(st.text())
def test_any_other_text_is_refused_and_never_an_accident(text: str) -> None:
    with pytest.raises(Refused):
        notes.opened(text, [SIGNER.key])
    with pytest.raises(Refused):
        notes.opened(f"{TEXT}\n{text}", [SIGNER.key])


def test_a_note_of_others_is_read_as_they_read_it() -> None:
    key = VerifierKey.read(THEIR_KEY)
    assert str(key) == THEIR_KEY
    assert notes.opened(THEIR_NOTE, [key]) == (THEIR_NOTE.partition("\n\n")[0] + "\n", key)


@pytest.mark.rule("T6")
def test_each_refusal_says_what_is_wrong() -> None:
    note = SIGNER.sign(TEXT)
    signature = note.rpartition("\n\n")[2]
    with pytest.raises(UnknownKey):
        notes.opened(note, [OTHER.key])
    with pytest.raises(UnknownKey):
        notes.opened(note, [])
    with pytest.raises(WrongSignature):
        notes.opened(f"other text\n\n{signature}", [SIGNER.key])
    forged = base64.b64encode(SIGNER.key.id + b"short").decode()
    with pytest.raises(WrongSignature):
        notes.opened(f"{TEXT}\n— {SIGNER.key.name} {forged}\n", [SIGNER.key])
    for broken in ("", TEXT, note[:-1], note + "\n", note + "more\n", f"\n{signature}",
                   note.replace("— ", "- "), f"a\tb\n\n{signature}", TEXT + "\n" + signature * 21):  # fmt: skip
        with pytest.raises(NotANote):
            notes.opened(broken, [SIGNER.key])


def test_signatures_of_strangers_beside_ours_are_passed_over_but_a_false_one_in_our_name_is_not() -> None:
    text, _, ours = SIGNER.sign(TEXT).rpartition("\n\n")
    theirs = OTHER.sign(TEXT).rpartition("\n\n")[2]
    assert notes.opened(f"{text}\n\n{theirs}{ours}", [SIGNER.key]) == (TEXT, SIGNER.key)
    false = SIGNER.sign("else\n").rpartition("\n\n")[2]
    with pytest.raises(WrongSignature):
        notes.opened(f"{text}\n\n{ours}{false}", [SIGNER.key])


@pytest.mark.parametrize(
    "line",
    ["", "name", "name+00000000", THEIR_KEY[:-1], THEIR_KEY.replace("c74f20a3", "c74f20a4"), "a " + THEIR_KEY,
     THEIR_KEY.upper(), "name+00000000+AQ=="],
)  # fmt: skip
def test_what_is_no_verifier_key_is_not_taken_for_one(line: str) -> None:
    with pytest.raises(ValueError, match=r"verifier key|own"):
        VerifierKey.read(line)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\n", "全角　空格"])
def test_a_name_that_would_break_the_line_signs_nothing(name: str) -> None:
    with pytest.raises(ValueError, match="name of a key"):
        Signer(name, b"\x07" * 32)


@pytest.mark.parametrize("text", ["", "no end", "a\x00\n", "a\tb\n", "a\r\n"])
def test_what_is_not_whole_lines_is_not_signed(text: str) -> None:
    with pytest.raises(ValueError, match="whole lines"):
        SIGNER.sign(text)
