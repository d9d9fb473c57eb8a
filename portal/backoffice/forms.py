"""What the forms of the back office share."""

from __future__ import annotations

from wtforms import TextAreaField
from wtforms.validators import InputRequired

from portal.domain import texts
from portal.web.forms import at_most


def explained(label: str, prompt: str, length: texts.Length = texts.REASON) -> TextAreaField:
    """Something said in one's own words: required, and no longer than its verb takes."""
    return TextAreaField(label, validators=[InputRequired(prompt), at_most(length)])
