# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a level of a payload says of one field, where a plain value will not do."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .payload_plan import Level, Lookup, Place


@dataclasses.dataclass(frozen=True, slots=True)
class Links:
    """A many2many value: ``mode`` is ``add``, ``replace`` or ``remove``."""

    mode: str
    lookups: list[Lookup]


@dataclasses.dataclass(frozen=True, slots=True)
class Match:
    """What ``merge`` makes of the lines of one record.

    :param line_ids: the line that each level changes; levels without are created.
    :param gone: lines to be deleted.
    """

    line_ids: dict[Level, int]
    gone: list[int]


@dataclasses.dataclass(frozen=True, slots=True)
class Merge:
    """How a one2many is merged with the lines its record has.

    :param place: of the field.
    :param key: fields that tell lines apart; ``id`` is a level's ``line_id``.
    :param deletes: what is to go, each a lookup among the record's own lines.
    :param matches: by id of the record; filled by ``api.payload.merge``. A record
        without is about to be created.
    """

    place: Place
    key: tuple[str, ...]
    deletes: list[Lookup]
    matches: dict[int, Match] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True, slots=True)
class Lines:
    """A one2many value: ``mode`` is ``add``, ``replace`` or ``merge``."""

    mode: str
    levels: list[Level]
    merge: Merge | None = None

    def match(self, record_id: int | None) -> Match:
        """Return what ``merge`` makes of a record's lines: without one, nothing."""
        known = self.merge.matches.get(record_id) if self.merge else None
        return known or Match({}, [])


@dataclasses.dataclass(frozen=True, slots=True)
class Translations:
    """A translated field's values by language code; never empty."""

    by_lang: dict[str, object]

    def main_lang(self, lang: str) -> str:
        """Return whose value stands for all: ``lang``'s, English, or the first."""
        codes = (lang, "en_US", *self.by_lang)
        return next(code for code in codes if code in self.by_lang)

    def main(self, lang: str) -> object:
        """Return the value that stands for all languages."""
        return self.by_lang[self.main_lang(lang)]


@dataclasses.dataclass(frozen=True, slots=True)
class ReferenceTo:
    """A reference field's value once its record is found."""

    lookup: Lookup
