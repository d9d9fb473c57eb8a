"""What the forms of the back office share: options from words."""

from __future__ import annotations

from collections.abc import Sequence

from wtforms.fields.choices import SelectChoice

from portal.models.words import Word


def choices(words: type[Word] | Sequence[Word], *, empty: str = "") -> list[SelectChoice]:
    """The members of a word as the options of a field, after an `empty` one if it is named."""
    options = [SelectChoice(word.value, word.label) for word in words]
    return [SelectChoice("", empty), *options] if empty else options
