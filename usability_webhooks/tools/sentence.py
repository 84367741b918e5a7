# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Sentences that wait for the language of whoever will read them.

``tools`` and ``exceptions`` know neither a request nor a user, so what they have to say
stays a term and its arguments until an answer, a dialog or a log row is made.
"""

from __future__ import annotations

import reprlib

from odoo.tools.translate import LazyGettext

#: What a caller is told: a text that is in his language already, or a term.
Sentence = str | LazyGettext
#: The language terms are written in.
SOURCE_LANG = "en_US"

_shortener = reprlib.Repr()
_shortener.maxstring = _shortener.maxother = _shortener.maxlong = 200


def say(sentence: object, lang: str | None) -> object:
    """Return a sentence as text; whatever else it is given stays what it is.

    Reads nothing of a database: it works while there is none.

    :param lang: code of a language; English where there is none, or no translation.
    """
    if isinstance(sentence, LazyGettext):
        return sentence._translate(lang or SOURCE_LANG)
    return sentence


def shorten(value: object, limit: int = 80) -> str:
    """Return ``repr(value)`` for a message, at most ``limit`` characters long.

    Cheap for any size: long texts and deep structures are cut before ``repr``.
    """
    if isinstance(value, str):
        text = repr(value[: limit + 1])
    elif isinstance(value, int) and value.bit_length() > 4 * limit:
        # repr() of a huge int is slow, then refused by the interpreter.
        text = f"2**{value.bit_length() - 1}..."
    else:
        text = _shortener.repr(value)
    return text if len(text) <= limit else text[: limit - 3] + "..."
