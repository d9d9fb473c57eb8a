"""The forms of what a filer may still do; each carries number and code, so that nothing is kept in the browser."""

from __future__ import annotations

from typing import ClassVar, Self

from wtforms import MultipleFileField, TextAreaField
from wtforms.validators import InputRequired

from portal.domain import texts
from portal.domain.attachments import StoredFile
from portal.public.forms import PublicForm
from portal.web.forms import at_most


class ActForm(PublicForm):
    """One further act of a filer. Its KEY comes before its field names: several forms stand on one page."""

    KEY: ClassVar[str] = "act"
    stored: tuple[StoredFile, ...] = ()
    """What was uploaded under the field `files`, once the door has stored it."""

    @classmethod
    def blank(cls) -> Self:
        """Before anybody wrote in it."""
        return cls(formdata=None, prefix=cls.KEY)

    @classmethod
    def sent(cls) -> Self:
        """As the request sent it."""
        return cls(prefix=cls.KEY)


class MessageForm(ActForm):
    """A word to the office, with evidence."""

    KEY = "message"
    text = TextAreaField(
        "留言",
        validators=[InputRequired("请写下要说的话"), at_most(texts.MESSAGE)],
    )
    files = MultipleFileField("补充材料")
