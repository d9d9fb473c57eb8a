"""What the forms of the back office share."""

from __future__ import annotations

from wtforms import TextAreaField
from wtforms.validators import InputRequired, Length

from portal.domain import texts


def explained(label: str, prompt: str, length: texts.Length = texts.REASON) -> TextAreaField:
    """Something said in one's own words: required, and no longer than its verb takes."""
    return TextAreaField(label, validators=[InputRequired(prompt), Length(max=length.longest, message=length.too_long)])
