"""Real, dirty values made clean or refused by name (rule S10).

Every cleaner takes whatever a form, a CSV cell or an Excel cell held and answers with a `Cleaned`: the value, or
None, and what was wrong with it in Chinese. No cleaner raises, none guesses, and cleaning a clean value changes
nothing.
"""

from portal.domain.cleaning.dates import clean_date
from portal.domain.cleaning.numbers import clean_amount, clean_area, clean_integer, clean_length, plain
from portal.domain.cleaning.text import Cleaned, Problem, clean_code, clean_text, clean_yes_no, failed, shown

__all__ = [
    "Cleaned",
    "Problem",
    "clean_amount",
    "clean_area",
    "clean_code",
    "clean_date",
    "clean_integer",
    "clean_length",
    "clean_text",
    "clean_yes_no",
    "failed",
    "plain",
    "shown",
]
