# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Find and mask secrets inside text, by the notations that announce them.

Every search is linear in the text: names, operators and gaps have a maximal
length, and a value's end is looked for once, from its start.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator

from .sensitive_names import SensitiveNames

MASK = "***"

_OPERATOR = r"(?:[=!<>]{1,2}|=\?|(?:not )?(?:in|any|=?i?like)|child_of|parent_of)"
# "password": ... and ('password', '=', ...) of Python and JSON literals, also
# inside another literal, where each quote carries backslashes.
_QUOTED_NAME = re.compile(
    r"""(?P<quote>\\{0,8}["'])(?P<name>[\w.\- ]{1,80})(?P=quote)\s{0,20}"""
    r"""(?::|=>|,\s{0,20}(?P<opquote>\\{0,8}["'])"""
    + _OPERATOR
    + r"""(?P=opquote)\s{0,20},)\s{0,20}""",
    re.IGNORECASE,
)
# password=..., api key: ..., Authorization: ...
_BARE_NAME = re.compile(
    r"""(?<![\w.\-])(?P<name>[A-Za-z][\w.\-]{0,80}(?:[ ](?:key|token|id))?)"""
    r"""(?P<quote>)["'\])]{0,2}\s{0,20}(?:=|:(?!:))\s{0,20}""",
    re.IGNORECASE | re.ASCII,
)
_HEADER = re.compile(r"(?:proxy-)?authorization|(?:set-)?cookie2?", re.IGNORECASE)
_HEADER_VALUE = re.compile(r"""[^\r\n"']*""")
_BARE_VALUE = re.compile(r"""[^\s,;&)\]}"'<>]*""")
# Nothing there, or masked already.
_EMPTY = re.compile(
    r"""none|null|false|(?P<quote>\\*["'])(?:\*{3})?(?P=quote)?|[\[({]?\*{3}[\])}]?""",
    re.IGNORECASE,
)
_QUOTE = re.compile(r"""(\\*)(["'])""")
_BRACKET_OR_QUOTE = re.compile(r"""[\[\](){}]|\\*["']""")

_QUERY = re.compile(
    r"""(?P<head>[?&;](?P<name>[\w.\-]{1,80})=)(?!\*{3})[^&;#\s"'<>]+""", re.ASCII
)
_USERINFO = re.compile(r"""://(?!\*{3}@)[^\s/?#"'<>]{1,500}@""")
_BEARER = re.compile(r"\b(Bearer\s{1,20})[\w\-.~+/]{8,}=*", re.IGNORECASE | re.ASCII)
_BASIC = re.compile(r"\b(Basic\s{1,20})([A-Za-z0-9+/]{4,}={0,2})", re.IGNORECASE)
# PostgreSQL's detail of a violated constraint: Key (login, token)=(a, b) exists.
_CONSTRAINT_KEY = re.compile(
    r"(?P<head>\((?P<names>(?:[^()=\n]|\([^()=\n]{0,80}\)){1,300})\)=\()"
    r"[^\n]*?(?:\)(?=[\s.]|$)|$)",
    re.MULTILINE,
)
_FAILING_ROW = re.compile(
    r"(Failing row contains )\(.*?(?:\)\.?(?=\n|\Z)|\Z)", re.DOTALL
)
# The line of a statement PostgreSQL could not run, values and all, in its error.
# In the server's language; a caret below it points at the place.
_STATEMENT_LINE = re.compile(
    r"^(LINE \d{1,9}: |\w{3,10} \d{1,9} ?: (?=[^\n]*\n[ \t]*\^))[^\n]*", re.MULTILINE
)
_UNSTORABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def mask_literals(text: str, names: SensitiveNames) -> str:
    """Mask what a text value of JSON itself spells out.

    Python and JSON literals (18.0's text domains are such), URL credentials and
    URL parameters; prose is left alone. The same object when nothing matched.
    """
    masked = text
    if "'" in text or '"' in text:
        masked = _mask_values(text, _QUOTED_NAME, names)
    masked = _mask_urls(masked, names)
    return text if masked == text else masked


def mask_text(text: str, names: SensitiveNames) -> str:
    """Mask all that ``mask_literals`` does, and what looks secret in prose."""
    text = _UNSTORABLE.sub("", text)
    text = _mask_values(text, _QUOTED_NAME, names)
    text = _STATEMENT_LINE.sub(rf"\1{MASK}", text)
    text = _FAILING_ROW.sub(rf"\1({MASK})", text)
    text = _CONSTRAINT_KEY.sub(lambda match: _mask_constraint(match, names), text)
    text = _mask_urls(text, names)
    text = _mask_values(text, _BARE_NAME, names)
    text = _BEARER.sub(rf"\1{MASK}", text)
    return _BASIC.sub(
        lambda match: match[1] + MASK if is_basic_credentials(match[2]) else match[0],
        text,
    )


def is_basic_credentials(encoded: str) -> bool:
    """Tell ``user:password`` in base64 from a word ("Basic training")."""
    try:
        decoded = base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
        return b":" in decoded and decoded.decode().isprintable()
    except (binascii.Error, UnicodeDecodeError):
        return False


def _mask_urls(text: str, names: SensitiveNames) -> str:
    if "=" in text and ("?" in text or "&" in text):
        text = _QUERY.sub(
            lambda match: match["head"] + MASK if match["name"] in names else match[0],
            text,
        )
    if "://" in text and "@" in text:
        text = _USERINFO.sub(f"://{MASK}@", text)
    return text


def _mask_constraint(match: re.Match, names: SensitiveNames) -> str:
    if any(name in names for name in re.findall(r"\w+", match["names"])):
        return f"{match['head']}{MASK})"
    return match[0]


def _mask_values(text: str, announcer: re.Pattern, names: SensitiveNames) -> str:
    """Mask the value behind each sensitive name that ``announcer`` finds."""
    pieces = []
    done = 0
    for start, end, quote in _find_values(text, announcer, names):
        pieces += (text[done:start], quote, MASK, quote)
        done = end
    if not pieces:
        return text
    return "".join(pieces) + text[done:]


def _find_values(
    text: str, announcer: re.Pattern, names: SensitiveNames
) -> Iterator[tuple[int, int, str]]:
    """Yield start, end and the quote of each secret value, in their order."""
    match = announcer.search(text)
    while match:
        position = match.end()
        if match["name"] in names:
            start, end, quote = _delimit_value(text, match)
            if end > start and not _EMPTY.fullmatch(text, start, end):
                yield start, end, quote
                position = end
        match = announcer.search(text, position)


def _delimit_value(text: str, match: re.Match) -> tuple[int, int, str]:
    """Return start and end of the value behind a name, and the quote to mask with.

    A text that was cut inside the value ends it too.
    """
    start = match.end()
    opening = _QUOTE.match(text, start)
    if opening:
        return start, _find_closing_quote(text, opening), opening[0]
    if text[start : start + 1] in ("[", "(", "{"):
        return start, _find_closing_bracket(text, start), match["quote"]
    is_header = not match["quote"] and _HEADER.fullmatch(match["name"])
    value = (_HEADER_VALUE if is_header else _BARE_VALUE).match(text, start)
    return start, value.end(), match["quote"]


def _find_closing_quote(text: str, opening: re.Match) -> int:
    """Return the offset behind the quote that closes ``opening``.

    Escaping doubles the backslashes of a text and adds one to its quotes. So a
    quote carries 0, 1, 3, 7... by how many literals it stands in, and the one
    that closes it as many again, plus whole pairs of the innermost literal.
    """
    carried, quote = len(opening[1]), opening[2]
    position = text.find(quote, opening.end())
    while position >= 0:
        first = position
        while first > opening.end() and text[first - 1] == "\\":
            first -= 1
        backslashes = position - first
        if backslashes % (2 * carried + 2) == carried:
            return position + 1
        position = text.find(quote, position + 1)
    return len(text)


def _find_closing_bracket(text: str, start: int) -> int:
    depth = 0
    match = _BRACKET_OR_QUOTE.search(text, start)
    while match:
        end = match.end()
        if match[0][-1] in "\"'":
            end = _find_closing_quote(text, _QUOTE.match(text, match.start()))
        else:
            depth += 1 if match[0] in "[({" else -1
            if depth == 0:
                return end
        match = _BRACKET_OR_QUOTE.search(text, end)
    return len(text)
