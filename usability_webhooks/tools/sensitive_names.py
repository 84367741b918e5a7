# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Which names of keys, fields, headers and parameters stand for a secret.

The rule was tried on every field name of Odoo 19's own addons. It leans to
masking: a harmless value masked costs a look at the record, a secret stored in a
log costs the secret. What it must not touch is what integrations are made of:
``search_key``, ``idempotency_key``, ``access_token_id``, ``pos_session_id``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

# camelCase, PascalCase and ACRONYMWords count as separators do.
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
#: A longer name says what it is by its end; also bounds the work per name.
_NAME_TAIL_CHARACTERS = 120

#: Endings of the name without separators; no everyday word ends like these.
_ENDINGS = tuple(
    "password passwords passwd passphrase passcode secret secrets token "
    "credential credentials authorization authheader "
    "apikey apikeys secretkey privatekey accesskey sharedkey masterkey "
    "signingkey encryptionkey hashkey".split()
)
#: Too short for an ending ("dotp"): the last word of the name must equal them.
_LAST_WORDS = frozenset("pwd otp totp cvv cvc jwt".split())
#: Equal the whole name: part of it they are often harmless (``pin_code`` is a
#: postal code in India, ``max_tokens`` a number, ``website_cookies_bar`` a switch).
_WHOLE_NAMES = frozenset(
    "pin bearer cookie cookies setcookie sessioncookie smtppass dbpass userpass "
    "tokens accesstokens refreshtokens authtokens apitokens".split()
)
#: A web session when it is a text; in Odoo ``session_id`` is also the cashier's
#: session of a point of sale order: an id or a lookup, which must stay readable.
_SESSION_NAMES = frozenset("sessionid phpsessid jsessionid".split())
#: ``<word>_key`` is a secret unless the word is one of these.
_HARMLESS_KEYS = frozenset(
    "allocation avatar business cache composite config dedup dedupe document "
    "event external field foreign form group grouping hot i18n idempotency "
    "invoice issue item join lang line lookup match merge model natural object "
    "order parent partition partner primary product project public publishable "
    "record ref registry report routing row search short site sort sorting "
    "surrogate talk term translation unique xml".split()
)
#: Said of a secret, these leave it one: ``password_confirm``, ``token_hash``.
_QUALIFIERS = frozenset(
    "again confirm confirmation crypt current encrypted hash new old plain repeat "
    "value".split()
)
#: A name that asks a question is answered with yes or no: ``has_password``.
_QUESTIONS = frozenset("has is use".split())


@dataclass(frozen=True, slots=True)
class SensitiveNames:
    """The names whose values are masked.

    :param extra: further whole names, in any case and with any separators.
    """

    extra: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        folded = frozenset("".join(_split_words(name)) for name in self.extra)
        object.__setattr__(self, "extra", folded)

    def __contains__(self, name: str) -> bool:
        return self.secret_type(name) is not None

    def secret_type(self, name: str) -> type | None:
        """Return the type of value that is a secret under this name.

        :param name: in any case, with any separators; of a dotted path the last
            segment counts.
        :return: ``object`` for any value, ``str`` for texts only, None for none.
        """
        words = _split_words(name)
        while len(words) > 1 and (words[-1].isdigit() or words[-1] in _QUALIFIERS):
            words.pop()
        joined = "".join(words)
        if joined in self.extra or joined in _WHOLE_NAMES:
            return object
        if joined in _SESSION_NAMES:
            return str
        if not words or words[0] in _QUESTIONS:
            return None
        if words[-1] in _LAST_WORDS or joined.endswith(_ENDINGS):
            return object
        if words[-1] == "key" and len(words) > 1 and words[-2] not in _HARMLESS_KEYS:
            return object
        return None


def _split_words(name: str) -> list[str]:
    tail = name[-_NAME_TAIL_CHARACTERS:].rpartition(".")[2]
    return [word.lower() for word in _WORD.findall(tail)]


DEFAULT = SensitiveNames()
