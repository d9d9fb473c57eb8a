"""What the forms of both doors share: only what a form can send is read, their messages are Chinese, options come from
words.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import request
from flask_wtf import FlaskForm
from werkzeug.datastructures import CombinedMultiDict, MultiDict
from wtforms import FileField
from wtforms.fields.choices import SelectChoice
from wtforms.i18n import get_translations
from wtforms.validators import Length

from portal.domain import texts
from portal.models.words import Word
from portal.web.bad_input import readable


class Form(FlaskForm):
    """A form that says in Chinese what is wrong with it. `status` is what to answer with when it was refused."""

    status = 422

    class Meta(FlaskForm.Meta):
        """How the library is to read, clean and speak."""

        def get_translations(self, form: Any) -> Any:
            """The translations that come with the library; no further extension is needed for them."""
            return get_translations(["zh"])

        def bind_field(self, form: Any, unbound_field: Any, options: dict[str, Any]) -> Any:
            """Every text is cleaned of what nobody sees."""
            return unbound_field.bind(form=form, filters=[_readable], **options)

        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            """The submitted form, and its files for fields that take files; any other kind of body, such as JSON,
            counts as an empty form. A form made with formdata=None reads nothing: it is shown to be filled in anew.
            """
            if formdata is None or request.method != "POST":
                return None
            takes_files = {field.name for field in form if isinstance(field, FileField)}
            files = [(name, file) for name, file in request.files.items(multi=True) if name in takes_files]
            return CombinedMultiDict((MultiDict(files), request.form))


def _readable(value: Any) -> Any:
    return readable(value) if isinstance(value, str) else value


def at_most(length: texts.Length, said_first: str = "") -> Length:
    """No longer than the verb takes; said_first: which of several it is."""
    return Length(max=length.longest, message=f"{said_first}{length.too_long}")


def choices(words: type[Word] | Sequence[Word], *, empty: str = "") -> list[SelectChoice]:
    """The members of a word as the options of a field, after an `empty` one if it is named."""
    options = [SelectChoice(word.value, word.label) for word in words]
    return [SelectChoice("", empty), *options] if empty else options
