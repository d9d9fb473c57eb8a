"""What the forms of the back office share: Chinese messages from the library, options from words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_wtf import FlaskForm
from wtforms.fields.choices import SelectChoice
from wtforms.i18n import get_translations

from portal.models.words import Word


class Form(FlaskForm):
    """A form that says in Chinese what is wrong with it. `status` is what to answer with when it was refused."""

    status = 422

    class Meta(FlaskForm.Meta):
        """The library's own messages in Chinese."""

        def get_translations(self, form: Any) -> Any:
            """The translations that come with the library; no further extension is needed for them."""
            return get_translations(["zh"])


def choices(words: type[Word] | Sequence[Word], *, empty: str = "") -> list[SelectChoice]:
    """The members of a word as the options of a field, after an `empty` one if it is named."""
    options = [SelectChoice(word.value, word.label) for word in words]
    return [SelectChoice("", empty), *options] if empty else options
