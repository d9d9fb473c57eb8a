"""Numbers and codes a filer keeps (rules O3, O4): a number that notices a typing error, a code nobody can guess."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime

from stdnum.iso7064 import mod_37_36

from portal.clock import beijing_date

# without 0/O, 1/I/L and U: what is read from paper is typed back right
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 20
"""30 symbols each: 98 bits."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the filer takes home: a public number, and the code that opens it."""

    number: str
    code: str


def new_token() -> str:
    """A secret of 192 bits for an address nobody can guess; the database keeps only `token_hash` of it."""
    return secrets.token_urlsafe(24)


def token_hash(token: str) -> str:
    """How a token is found again."""
    return hashlib.sha256(token.encode()).hexdigest()


def new_number(prefix: str, now: datetime) -> str:
    """A number such as YY261122-7K3MQ9WX-P, two letters of `prefix` and the Beijing date in front, a check
    character behind.
    """
    while True:
        body = f"{prefix}{beijing_date(now):%y%m%d}" + "".join(secrets.choice(ALPHABET) for _ in range(8))
        check = mod_37_36.calc_check_digit(body)
        # the standard's check may be a letter that reads like a digit; then another number is as good
        if check in ALPHABET:
            return f"{body[:8]}-{body[8:]}-{check}"


def code_for(token: str) -> str:
    """The code that belongs to a filing's token, four groups of five symbols.

    Derived, so that a doubled request gives the same receipt, and so that it need not be stored.
    """
    number = int.from_bytes(hmac.digest(token.encode(), b"receipt code", "sha256"))
    symbols = []
    for _ in range(CODE_LENGTH):
        number, place = divmod(number, len(ALPHABET))
        symbols.append(ALPHABET[place])
    return "-".join("".join(symbols[i : i + 5]) for i in range(0, CODE_LENGTH, 5))


def tidy(typed: str) -> str:
    """What was meant by a number or code typed from paper: capitals, no blanks or dashes, full-width folded."""
    return "".join(ch for ch in unicodedata.normalize("NFKC", typed).upper() if ch.isascii() and ch.isalnum())


def valid_number(typed: str) -> str | None:
    """The number in the form it is stored, or None if its check character does not fit."""
    bare = tidy(typed)
    if len(bare) != 17 or not mod_37_36.is_valid(bare):
        return None
    return f"{bare[:8]}-{bare[8:16]}-{bare[16]}"


def code_hash(number: str, code: str) -> str:
    """What the database keeps of a code; 98 random bits need no slow hash."""
    return hashlib.sha256(f"{number}:{tidy(code)}".encode()).hexdigest()


def code_fits(number: str, code: str, stored: str) -> bool:
    """True if `code` is the one issued with `number`; takes the same time either way."""
    return hmac.compare_digest(code_hash(number, code), stored)
