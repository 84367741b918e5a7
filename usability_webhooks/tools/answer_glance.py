# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""See at a glance that an answer holds nothing to mask, which most answers do.

``redact`` and ``field_masks`` look at every value, 15% of a nested read. Here only the
names are looked at, each once, and the text as a whole. When in doubt: not harmless,
and the walks decide. ``test_answer_glance`` holds the two against each other.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable

from .field_masks import FieldFacts
from .redaction import BLOB_CHARACTERS, OPERATORS, is_plain_name

#: An error quotes what was sent; ``value`` may belong to a name beside it.
_TELLING_KEYS = frozenset({"error", "errors", "value"})
#: HTTP credentials; a literal inside a text. The text is JSON: a quote that belongs to
#: a string has a backslash.
_SUSPICIOUS = ("bearer", "basic", "'", '\\"')
#: A condition of a domain: the middle one of three strings in a list.
_CONDITION = re.compile(f', "(?:{"|".join(map(re.escape, sorted(OPERATORS)))})", ')
#: Characters looked at together.
_PIECE = 2**15


def is_harmless(
    envelope: object,
    text: str,
    model: str,
    get_facts: Callable[[str], FieldFacts | None],
) -> bool:
    """Tell that neither names nor notations nor fields give a reason to mask.

    :param text: the envelope as JSON.
    :param model: whose records the answer holds.
    :param get_facts: see ``field_masks``.
    """
    # In pieces: a piece is copied, and cut to bits. What is looked for is shorter than
    # what they share.
    for start in range(0, len(text), _PIECE):
        if _is_suspicious(text[start : start + _PIECE + BLOB_CHARACTERS].lower()):
            return False
    keys: set = set()
    _collect_keys(envelope, keys)
    if not _TELLING_KEYS.isdisjoint(keys):
        return False
    if not all(map(_is_plain_name, keys)):
        return False
    return _is_open(keys, model, get_facts)


def _is_suspicious(text: str) -> bool:
    """Tell a notation of secrets, or a string long enough for a file, in lower case."""
    if any(sign in text for sign in _SUSPICIOUS) or _CONDITION.search(text):
        return True
    if "=" in text and ("?" in text or "&" in text):
        return True  # maybe a parameter of an address; or the password of one
    if "://" in text and "@" in text:
        return True
    return max(map(len, text.split('"'))) >= BLOB_CHARACTERS


def _collect_keys(value: object, keys: set) -> None:
    if isinstance(value, dict):
        keys.update(value)
        value = value.values()
    for item in value:
        if isinstance(item, (dict, list, tuple)):
            _collect_keys(item, keys)


@functools.lru_cache(maxsize=4_096)
def _is_plain_name(key: object) -> bool:
    """Tell a name without a secret, a file or a path in it."""
    return is_plain_name(key) and not (isinstance(key, str) and "." in key)


def _is_open(keys: set, model: str, get_facts: Callable) -> bool:
    """Tell that no model these names can lead to hides a field of such a name."""
    known = {model}
    waiting = [model]
    while waiting:
        facts = get_facts(waiting.pop())
        if facts is None:
            continue
        if not (facts.hidden.isdisjoint(keys) and facts.files.isdisjoint(keys)):
            return False
        for name in keys & facts.relations.keys():
            comodel = facts.relations[name]
            if comodel not in known:
                known.add(comodel)
                waiting.append(comodel)
    return True
