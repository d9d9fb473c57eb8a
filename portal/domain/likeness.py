"""内容相近: which texts say much the same, told from a fingerprint that was kept when each was filed (rule O5).

A flood of copies with a name or a comma changed is one matter for whoever rules on it; what groups them never
decides: each ground still gets its own disposition.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Sequence
from itertools import chain
from zlib import crc32

BINS = 32
"""Samples kept of a text: enough to tell, within a tenth or so, what share of their pairs of characters two texts have
in common.
"""
WIDTH = 4
"""Hexadecimal digits of one sample."""
LENGTH = BINS * WIDTH
EMPTY = "-" * WIDTH
ALIKE = 0.5
"""Share of equal samples from which on two texts are taken for much the same."""
_COMMON = 50
"""A sample of so many groups tells nothing about any of them."""
_MOST = 16**WIDTH


def fingerprint(text: str) -> str:
    """LENGTH characters that are mostly the same for texts that are mostly the same (one permutation MinHash).

    What nobody reads makes no difference: blanks, punctuation, case, full width. Says nothing about the text itself.
    """
    bare = "".join(char for char in unicodedata.normalize("NFKC", text).casefold() if char.isalnum())
    samples = [_MOST] * BINS
    for pair in {bare[at : at + 2] for at in range(max(len(bare) - 1, 1))} - {""}:
        place, rest = divmod(crc32(pair.encode()), 2**27)
        samples[place] = min(samples[place], rest % _MOST)
    return "".join(EMPTY if sample == _MOST else f"{sample:0{WIDTH}x}" for sample in samples)


def share(one: str, other: str) -> float:
    """How much two fingerprints have in common, from 0 to 1."""
    pairs = [(a, b) for a, b in zip(_samples(one), _samples(other), strict=True) if (a, b) != (EMPTY, EMPTY)]
    return sum(a == b for a, b in pairs) / len(pairs) if pairs else 0.0


def grouped(fingerprints: Sequence[str]) -> list[list[int]]:
    """Places of the fingerprints, those that are alike together, each group and the groups by their first place.

    Each is compared with the first of the one group it shares most samples with, so that a thousand of them cost a
    thousand steps, copies or not. One without a fingerprint stands alone.
    """
    groups: list[list[int]] = []
    with_sample: dict[tuple[int, str], list[int]] = {}
    for place, print_ in enumerate(fingerprints):
        samples = [(at, sample) for at, sample in enumerate(_samples(print_)) if sample != EMPTY]
        shared = Counter(chain.from_iterable(with_sample.get(sample, ()) for sample in samples))
        likest = min(shared, key=lambda group: (-shared[group], group), default=None)
        if likest is not None and share(print_, fingerprints[groups[likest][0]]) >= ALIKE:
            groups[likest].append(place)
            continue
        for sample in samples:
            known = with_sample.setdefault(sample, [])
            if len(known) < _COMMON:
                known.append(len(groups))
        groups.append([place])
    return groups


def companions(fingerprints: Sequence[str]) -> list[int]:
    """For each fingerprint, how many others are alike."""
    counts = [0] * len(fingerprints)
    for group in grouped(fingerprints):
        for place in group:
            counts[place] = len(group) - 1
    return counts


def _samples(print_: str) -> list[str]:
    return [print_[at : at + WIDTH] for at in range(0, LENGTH, WIDTH)] if len(print_) == LENGTH else [EMPTY] * BINS
