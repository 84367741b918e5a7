# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the log keeps of one request, its answer and its errors: no secrets.

Three rules, joined here: names and notations (``redaction``), places
(``field_masks``), and that a value which was masked in the request is masked
wherever the answer, a message or a traceback repeats it.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from .answer_glance import is_harmless
from .api_request import COMMON_KEYS, ITEM_KEYS, ROUTE_KEYS
from .field_masks import FieldFacts, FieldMasker, Place, Tree, make_tree, split_path
from .redaction import redact, redact_text
from .redaction_text import MASK

#: Keys of ``vals`` below which a record's fields stand, and the answer's.
FIELD_ROOTS = frozenset({"payload", "search_key", "auto_create", "result"})
ROOTS = FIELD_ROOTS.union(COMMON_KEYS, *ROUTE_KEYS.values(), *ITEM_KEYS.values())
#: Texts of an error's entry that may quote what was sent.
QUOTING_KEYS = ("message", "value", "hint", "candidates")
#: A shorter text is masked where it stands alone only: it may be part of any word.
SHORT_CHARACTERS = 4


class RequestMasks:
    """Masks a request once, and then whatever repeats its secrets.

    :param vals: the request's; never changed.
    :param model: the model it names, which need not exist.
    :param get_facts: model -> its ``FieldFacts``; None for a model there is not.
    :param paths: what a profile lists: ``payload.note`` is the field ``note`` of the
        request's model, in the payload, the search key, a domain and the answer;
        ``note`` says the same; ``context.tz`` is that very key.
    """

    def __init__(
        self,
        vals: Mapping,
        model: str,
        get_facts: Callable[[str], FieldFacts | None],
        paths: Iterable[str] = (),
    ) -> None:
        self._vals = vals
        self._model = model
        self._get_facts = get_facts
        self._masker = FieldMasker(get_facts)
        # Of its own: what was masked in ten thousand rows is looked for nowhere.
        self._result_masker = FieldMasker(get_facts)
        split = [keys for path in paths if (keys := split_path(path))]
        of_fields = [
            keys[1:] if keys[0] in FIELD_ROOTS and keys[1:] else keys
            for keys in split
            if keys[0] in FIELD_ROOTS or keys[0] not in ROOTS
        ]
        self._fields: Tree = make_tree(of_fields)
        self._literal: Tree = make_tree(split)

    @functools.cached_property
    def vals(self) -> Mapping:
        """The request's ``vals`` as they are kept; the same object if unmasked."""
        masked, _is_masked = redact(self._vals, note=self._masker.note)
        return self._mask_record(masked)

    @property
    def is_masked(self) -> bool:
        return self.vals is not self._vals

    def mask_answer(self, envelope: Mapping, text: str = "") -> Mapping:
        """Return an envelope as it is kept: the same object if unmasked.

        :param text: the envelope as JSON, which may tell that at a glance.
        """
        if text and self._is_harmless(envelope, text):
            return envelope
        masked, _is_masked = redact(envelope)
        changes = {}
        if masked.get("result"):
            result = self._mask_verdicts(masked["result"])
            place = self._get_place("result")
            changes["result"] = self._result_masker.walk(result, place)
        if masked.get("errors"):
            changes["errors"] = self._mask_errors(masked["errors"])
        if any(value is not masked[key] for key, value in changes.items()):
            masked = {**masked, **changes}
        if secrets := self._get_secrets():
            text = json.dumps(masked, ensure_ascii=False, default=str)
            found = [secret for secret in secrets if _escape(secret) in text]
            masked = self._replace(masked, found)
        return masked

    def mask_text(self, text: str) -> str:
        """Return a message or traceback as it is kept."""
        return redact_text(_replace_text(text, self._get_secrets()))

    # -- the request ----------------------------------------------------------

    def _mask_record(self, vals: Mapping) -> Mapping:
        """Mask ``vals``, or one record of a batch, key by key."""
        changes = {}
        # Last: which models there are in the payload is known by then.
        for key, item in sorted(
            vals.items(), key=lambda pair: pair[0] == "auto_create"
        ):
            masked = self._mask_root(key, item)
            if masked is not item:
                changes[key] = masked
        return {**vals, **changes} if changes else vals

    def _mask_root(self, key: str, item: object) -> object:
        if self._literal.get(key, {}) is None:
            return self._masker.mask(item)
        if key == "records" and isinstance(item, list):
            masked = [
                self._mask_record(record) if isinstance(record, dict) else record
                for record in item
            ]
            same = all(map(lambda new, old: new is old, masked, item))
            return item if same else masked
        place = self._get_place(key)
        if key == "auto_create" and isinstance(item, dict):
            return self._mask_auto_create(item, place)
        if key == "context":
            item = self._masker.walk_context(item, self._get_place("payload"))
        if key == "payload" and isinstance(item, dict):
            item = self._mask_payload(item, place)
        return self._masker.walk(item, place)

    def _mask_payload(self, payload: dict, place: Place) -> dict:
        """Mask what in a payload is not laid out by fields: domain, context."""
        changes = {}
        if "search_domain" in payload:
            changes["search_domain"] = self._masker.walk_domain(
                payload["search_domain"], place
            )
        if "method" in payload and "context" in payload:
            changes["context"] = self._masker.walk_context(payload["context"], place)
        if all(value is payload[key] for key, value in changes.items()):
            return payload
        return {**payload, **changes}

    def _mask_auto_create(self, item: dict, place: Place) -> dict:
        """Mask what ``auto_create`` holds; its keys may be fields of any level."""
        changes = {}
        for key, entries in item.items():
            for below in self._masker.follow_anywhere(key, place):
                masked = self._masker.walk(changes.get(key, entries), below)
                if masked is not entries:
                    changes[key] = masked
        return {**item, **changes} if changes else item

    def _get_place(self, root: str) -> Place:
        """Return where a key of ``vals``, or the answer's ``result``, stands."""
        if root in FIELD_ROOTS:
            return Place(self._model, self._fields)
        return Place(None, self._literal.get(root))

    # -- the answer -----------------------------------------------------------

    def _is_harmless(self, envelope: Mapping, text: str) -> bool:
        """Tell that masking would change nothing, without looking at each value."""
        if self._fields or self._literal or self._get_secrets():
            return False
        return is_harmless(envelope, text, self._model, self._get_facts)

    def _mask_verdicts(self, result: object) -> object:
        """Mask the errors of a batch's verdicts."""
        if not isinstance(result, list):
            return result
        masked = [
            {**verdict, "errors": self._mask_errors(verdict["errors"])}
            if isinstance(verdict, dict) and isinstance(verdict.get("errors"), list)
            else verdict
            for verdict in result
        ]
        return masked if masked != result else result

    def _mask_errors(self, errors: Sequence) -> Sequence:
        masked = [
            self._mask_error(error) if isinstance(error, dict) else error
            for error in errors
        ]
        return masked if masked != errors else errors

    def _mask_error(self, error: dict) -> dict:
        """Mask what an error says of a masked place."""
        keys = split_path(str(error.get("path") or ""))
        if keys[:1] == ["records"]:
            del keys[0]
        root, *below = keys or [""]
        place = self._get_place(root)
        is_masked = self._literal.get(root, {}) is None
        for key in below:
            if not is_masked:
                place, is_masked = self._masker.follow(key, place)
        if is_masked:
            quoted = {key: error[key] for key in QUOTING_KEYS if key in error}
            return error | {
                key: self._masker.mask(text) for key, text in quoted.items()
            }
        if "value" in error:
            value = self._masker.walk(error["value"], place)
            if value is not error["value"]:
                return error | {"value": value}
        return error

    # -- what repeats a masked value ------------------------------------------

    def _get_secrets(self) -> set[str]:
        """Return the values that were masked in the request, and in errors so far."""
        _read_first = self.vals
        return self._masker.found

    def _replace(self, value: object, secrets: Sequence[str]) -> object:
        """Return ``value`` with the secrets masked in each of its texts."""
        if not secrets:
            return value
        if isinstance(value, str):
            return _replace_text(value, secrets)
        if isinstance(value, (list, tuple)):
            return [self._replace(item, secrets) for item in value]
        if isinstance(value, dict):
            return {key: self._replace(item, secrets) for key, item in value.items()}
        return value


def _escape(text: str) -> str:
    """Return a text as JSON has it between quotes."""
    return json.dumps(text, ensure_ascii=False)[1:-1]


def _replace_text(text: str, secrets: Iterable[str]) -> str:
    # The longest first: one may be part of another.
    for secret in sorted(secrets, key=len, reverse=True):
        if secret not in text:
            continue
        if len(secret) < SHORT_CHARACTERS:
            text = re.sub(rf"(?<!\w){re.escape(secret)}(?!\w)", MASK, text)
        else:
            text = text.replace(secret, MASK)
    return text
