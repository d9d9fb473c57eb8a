"""Signed notes: a text, a blank line, and who signed it, in the form of C2SP signed-note with Ed25519 keys (rule T6).

The same form as golang.org/x/mod/sumdb/note, so that others can check what we sign with tools of their own.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ED25519 = b"\x01"
MOST_SIGNATURES = 20
_NAME = re.compile(r"[^\s+\x00-\x20\x7f]+")
_TEXT = re.compile(r"(?:[^\x00-\x1f]*\n)+")
_SIGNATURE = re.compile(r"— (\S+) (\S+)")


class Refused(Exception):
    """The note proves nothing; the class says why."""


class NotANote(Refused):
    """It does not have the form of a signed note."""


class UnknownKey(Refused):
    """Nobody signed it whose key was given."""


class WrongSignature(Refused):
    """It names a key that was given, but that key did not sign this text."""


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """The public half: with it anybody checks. As text `<name>+<key id>+<base64>`."""

    name: str
    public: bytes
    """32 bytes of Ed25519."""

    @classmethod
    def read(cls, line: str) -> VerifierKey:
        """The key that was written as a line. Raises ValueError saying what is wrong with it."""
        name, _, rest = line.partition("+")
        key_id, _, encoded = rest.partition("+")
        data = _decoded(encoded)
        if not _NAME.fullmatch(name) or data is None or len(data) != 33 or data[:1] != ED25519:
            raise ValueError(f"{line!r} is no verifier key of the form name+id+base64")
        key = cls(name, data[1:])
        if key.id.hex() != key_id:
            raise ValueError(f"{line!r} names an id that is not the key's own")
        return key

    @property
    def id(self) -> bytes:
        """Four bytes by which a signature tells which key made it."""
        return hashlib.sha256(self.name.encode() + b"\n" + ED25519 + self.public).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(ED25519 + self.public).decode()}"


class Signer:
    """The private half, from a seed of 32 bytes. The same text always gets the same signature."""

    def __init__(self, name: str, seed: bytes) -> None:
        """Raises ValueError for a name that cannot stand in a signature line."""
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name!r} cannot be the name of a key: blanks and + may not stand in it")
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self.key = VerifierKey(name, self._private.public_key().public_bytes_raw())

    def sign(self, text: str) -> str:
        """The signed note. `text` is lines, each ended, without control characters; raises ValueError for another."""
        if not _TEXT.fullmatch(text):
            raise ValueError("a note is whole lines without control characters")
        blob = self.key.id + self._private.sign(text.encode())
        return f"{text}\n— {self.key.name} {base64.b64encode(blob).decode()}\n"


def opened(note: str, keys: Sequence[VerifierKey]) -> tuple[str, VerifierKey]:
    """The text of a note and the first of `keys` that signed it. Raises Refused, by the class that says why.

    Signatures of other keys are passed over, as the form asks; one under the name and id of a known key must fit.
    """
    text, gap, last = note.rpartition("\n\n")
    lines = last.removesuffix("\n").split("\n")
    text += "\n"
    if not gap or not last.endswith("\n") or not _TEXT.fullmatch(text) or len(lines) > MOST_SIGNATURES:
        raise NotANote
    signatures = [_signature(line) for line in lines]
    known = [(key, name, blob) for name, blob in signatures for key in keys if (key.name, key.id) == (name, blob[:4])]
    if not known:
        raise UnknownKey
    for key, _name, blob in known:
        try:
            Ed25519PublicKey.from_public_bytes(key.public).verify(blob[4:], text.encode())
        except (InvalidSignature, ValueError):
            raise WrongSignature from None
    return text, known[0][0]


def _signature(line: str) -> tuple[str, bytes]:
    """Name of the key, and the bytes behind it: four of its id, then the signature."""
    found = _SIGNATURE.fullmatch(line)
    blob = _decoded(found[2]) if found else None
    if found is None or blob is None or len(blob) < 5 or not _NAME.fullmatch(found[1]):
        raise NotANote
    return found[1], blob


def _decoded(text: str) -> bytes | None:
    """What base64 says, or None; bits that mean nothing must be zero, so that one thing is written in one way."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return data if base64.b64encode(data).decode() == text else None
