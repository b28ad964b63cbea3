"""What a reader is told, in the reader's language: sentences from a catalogue, dates, numbers and plurals by its rules. Pure.

The English sentence is the key (gettext); the catalogues lie in `library/languages/*.po` and are read by `library.wording`.
babel is loaded when the first date or number is written: a command that only searches or judges has no use for it.
"""

from __future__ import annotations

import gettext
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from monitor.core.text.lang import language_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime, time

#: The languages that mails and letters can be had in, by primary tag, as their readers call them.
LANGUAGES = {"en": "English", "ja": "日本語", "es": "Español"}
#: What babel knows them by: English dates are written day first, as in the rest of the world.
_LOCALES = {"en": "en_GB", "ja": "ja_JP", "es": "es_ES"}
#: A day with its weekday; with its year where that is not this year's.
_DAY = {"en": "EEE d MMM", "ja": "M月d日(EEE)", "es": "EEE d MMM"}
_DAY_OF_YEAR = {"en": "d MMM y", "ja": "y年M月d日", "es": "d MMM y"}
_FULL_DAY = {"en": "d MMMM y", "ja": "y年M月d日", "es": "d 'de' MMMM 'de' y"}
_MONTH = {"en": "MMMM y", "ja": "y年M月", "es": "MMMM 'de' y"}
_LONG_DAY = {"en": "EEEE d MMMM", "ja": "M月d日EEEE", "es": "EEEE d 'de' MMMM"}


@dataclass(frozen=True, slots=True)
class Wording:
    """One language. `say` is `gettext` with values put in; a sentence that the catalogue lacks is said in English."""

    language: str = "en"
    catalogue: gettext.NullTranslations = field(default_factory=gettext.NullTranslations, compare=False)

    def say(self, text: str, **values: object) -> str:
        """The sentence in this language, `{names}` in it filled in."""
        return self.catalogue.gettext(text).format(**values)

    def many(self, one: str, other: str, count: int, **values: object) -> str:
        """The sentence that fits a number, by the language's plurals; `{count}` is the number as it is written there."""
        return self.catalogue.ngettext(one, other, count).format(count=self.number(count), **values)

    def number(self, value: float) -> str:
        """A number as it is written: "1,234" or "1.234"."""
        from babel.numbers import format_decimal

        return format_decimal(value, locale=self.locale)

    def day(self, moment: date, now: date) -> str:
        """A date, short: "Tue 24 Mar"; one of another year with its year: "24 Mar 2025"."""
        shape = _DAY if moment.year == now.year else _DAY_OF_YEAR
        return self._date(moment, shape[self.language])

    def long_day(self, moment: date) -> str:
        """A date in full, without its year: "Tuesday 24 March"."""
        return self._date(moment, _LONG_DAY[self.language])

    def full_day(self, moment: date) -> str:
        """A date with its year: "24 March 2026"."""
        return self._date(moment, _FULL_DAY[self.language])

    def month(self, moment: date) -> str:
        """A month with its year: "March 2026"."""
        return self._date(moment, _MONTH[self.language])

    def moment(self, moment: datetime, now: date) -> str:
        """A date and its hour, both in the moment's own zone: "Tue 24 Mar, 16:24"."""
        return self.say("{day}, {hour}", day=self.day(moment, now), hour=self.hour(moment))

    def hour(self, moment: datetime | time) -> str:
        """An hour of 24: "07:00"."""
        from babel.dates import format_time

        return format_time(moment.replace(tzinfo=None), "HH:mm", locale=self.locale)

    def weekday(self, number: int) -> str:
        """The name of a weekday (0 = Monday) inside a sentence."""
        return _day_names(self.locale)[number]

    def short_weekday(self, moment: date) -> str:
        return self._date(moment, "EEE")

    @property
    def gap(self) -> str:
        """What stands between two sentences: Japanese has no spaces."""
        return "" if self.language == "ja" else " "

    def list(self, parts: Sequence[str]) -> str:
        """Several as one: "a, b and c"."""
        from babel.lists import format_list

        return format_list(list(parts), locale=self.locale)

    def name_of(self, language: str) -> str:
        """What its readers call another language (BCP 47): "German", "ドイツ語"."""
        if self.language == "en":
            return language_name(language)
        from babel import Locale

        names: Mapping[str, str] = Locale.parse(self.locale).languages
        return names.get(language.partition("-")[0], language_name(language))

    def _date(self, moment: date, shape: str) -> str:
        from babel.dates import format_date

        return format_date(moment, shape, locale=self.locale)

    @property
    def locale(self) -> str:
        return _LOCALES[self.language]


@cache
def _day_names(locale: str) -> tuple[str, ...]:
    """The weekdays, Monday first; babel reads the locale anew each time."""
    from babel.dates import get_day_names

    names = get_day_names("wide", locale=locale)
    return tuple(str(names[number]) for number in range(7))


#: What is said where nobody's language is known.
ENGLISH = Wording()
