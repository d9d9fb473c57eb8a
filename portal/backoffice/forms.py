"""What the forms of the back office share: options from words, the same as at the other door."""

from portal.web.forms import choices

__all__ = ["choices"]
