"""The one way a fact becomes bytes, so that a hash means the same to everybody (docs/trail-format.md).

Canonical JSON in the sense of RFC 8785 for the values we allow: objects with plain ASCII keys, arrays, strings,
whole numbers, true, false, null; UTF-8, keys sorted, no blanks. Fractions are strings: two programs seldom agree on a
float.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any


def canonical_bytes(value: Any) -> bytes:
    """The bytes of `value`. Raises TypeError for what has no canonical form."""
    _check(value)
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def digest(data: bytes) -> str:
    """SHA-256 of `data` in lower-case hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def _check(value: Any) -> None:
    if value is None or isinstance(value, str | bool):
        return
    if isinstance(value, int):
        if abs(value) > 2**53 - 1:
            raise TypeError("a number beyond 2^53 has no canonical form; write it as text")
        return
    if isinstance(value, list | tuple):
        for item in value:
            _check(item)
        return
    if isinstance(value, dict):
        for key, item in value.items():
            if not (isinstance(key, str) and key.isascii()):
                raise TypeError("keys are plain ASCII text")
            _check(item)
        return
    raise TypeError(f"{type(value).__name__} has no canonical form")
