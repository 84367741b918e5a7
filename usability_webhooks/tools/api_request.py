# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""One request as a frozen value: what was asked, by whom, with which bytes."""

# Terms, said later in the language of whoever reads them.
# pylint: disable=prefer-env-translation
from __future__ import annotations

import dataclasses
import datetime
import difflib
from collections.abc import Collection, Mapping

from odoo.tools.translate import LazyTranslate

from ..exceptions import ApiError, ApiErrors, ApiRefused, InvalidValue
from .access_grant import Grant
from .log_mode import LogMode
from .moments import convert_datetime
from .sentence import Sentence

_lt = LazyTranslate(__name__)

#: Keys of ``vals`` every route takes (wire contract, section 3, last paragraph).
COMMON_KEYS = frozenset(
    {"context", "company", "callback_url", "result_field", "dry_run"}
)
#: Keys that describe one record, by writing route: in ``vals`` itself, or in each
#: of the ``records`` of a batch.
ITEM_KEYS: Mapping[str, frozenset[str]] = {
    "create_data": frozenset({"ref", "payload", "auto_create", "callback_url"}),
    "update_data": frozenset(
        {
            "ref",
            "callback_url",
            "search_key",
            "payload",
            "auto_create",
            "multi",
            "expected_write_date",
        }
    ),
    "create_update_data": frozenset(
        {
            "ref",
            "callback_url",
            "search_key",
            "payload",
            "auto_create",
            "multi",
            "on_archived",
            "expected_write_date",
        }
    ),
}
#: Of these, what holds for all records of a batch where it stands beside them.
SHARED_KEYS = frozenset({"auto_create", "callback_url"})
BATCH_KEYS = frozenset({"records", "on_error"})
#: Keys that say one of a few words.
CHOICES = {"on_archived": ("update", "create"), "on_error": ("abort", "continue")}
#: Keys of ``vals`` each route takes besides.
ROUTE_KEYS: Mapping[str, frozenset[str]] = {
    **{route: keys - {"ref"} | BATCH_KEYS for route, keys in ITEM_KEYS.items()},
    "search_data": frozenset({"payload"}),
    "call_function": frozenset({"search_key", "payload", "multi"}),
}
ROUTES = tuple(ROUTE_KEYS)
#: Routes where an ``Idempotency-Key`` means something.
WRITING_ROUTES = frozenset(ROUTES) - {"search_data"}
#: Set by the 18.0 server itself on the caller's dict; some clients send it back.
DROPPED_KEYS = frozenset({"is_create_log"})


@dataclasses.dataclass(frozen=True, slots=True)
class ApiCaller:
    """Who asks, as far as the log wants to know.

    :param remote_addr: the address the connection came from.
    :param api_key_id: database id of the key used, ``None`` for a session.
    :param api_key_name: what its owner called the key.
    :param key_expires: when the key ends, in UTC; ``None`` for never.
    :param grant: what the key's profile allows; ``None`` where nothing is narrowed.
    """

    remote_addr: str = ""
    user_agent: str = ""
    api_key_id: int | None = None
    api_key_name: str = ""
    key_expires: datetime.datetime | None = None
    grant: Grant | None = None


@dataclasses.dataclass(slots=True)
class RequestBody:
    """A request's text as received, for as long as somebody needs it."""

    text: str = ""

    def let_go(self) -> None:
        """Forget the text: a body may have 10 MiB, and its values are there too."""
        self.text = ""


@dataclasses.dataclass(frozen=True, slots=True)
class ApiRequest:
    """A request whose envelope was understood.

    :param route: one of ``ROUTES``.
    :param model: the model's technical name, not yet checked against the registry.
    :param vals: the caller's own dict. Nobody writes to it: a retry after a
        serialization failure must see what the first try saw.
    :param request_id: ours or the client's, unique enough to find the log row.
    :param body: as received, for the log; empty once it is kept there.
    :param idempotency_key: however often it is sent, the work is done once.
    :param replay_of_id: the log row this request repeats.
    :param actor_id: the user who asked for the repetition.
    :param log_mode: how much of it the log keeps, decided once.
    """

    route: str
    model: str
    vals: Mapping
    request_id: str
    body: RequestBody = dataclasses.field(default_factory=RequestBody)
    caller: ApiCaller = ApiCaller()
    idempotency_key: str = ""
    replay_of_id: int | None = None
    actor_id: int | None = None
    log_mode: LogMode = LogMode.FULL

    @property
    def path(self) -> str:
        """The HTTP path of the route, as the log names it."""
        return f"/api/{self.route}"

    @property
    def is_dry_run(self) -> bool:
        """Whether the caller wants to know what would happen, and no more.

        Anything but true and false is refused by ``check_keys``.
        """
        return self.vals.get("dry_run") is True

    def check_keys(self, *, ignore_unknown: bool) -> list[Sentence]:
        """Check the keys of ``vals`` and their JSON types.

        :param ignore_unknown: drop unknown keys, as 18.0 did.
        :returns: a warning for each dropped key.
        :raises ApiErrors: naming every unknown key and every wrong type.
        """
        allowed = COMMON_KEYS | ROUTE_KEYS[self.route]
        errors: list[ApiError] = []
        warnings: list[Sentence] = []
        for key in self.vals:
            if key in allowed or key in DROPPED_KEYS:
                continue
            error = unknown_key(key, allowed, path=key)
            # Dropped, a misspelt dry_run would do for real what was to be tried.
            near = difflib.get_close_matches(key.lower(), ["dry_run"], cutoff=0.7)
            if ignore_unknown and not near:
                warnings.append(error.message)
            else:
                errors.append(error)
        errors += self.check_types(self.vals)
        if errors:
            raise ApiErrors(errors)
        return warnings

    def check_types(self, vals: Mapping) -> list[ApiError]:
        """Return an error for each key of the wrong JSON type, or with another word
        than it may have, at its own name.

        :param vals: the request's, or those of one record of a batch.
        """
        expected = {
            "search_key": dict,
            "context": dict,
            "auto_create": dict,
            "callback_url": str,
            "multi": bool,
            "dry_run": bool,
            "result_field": list,
        }
        said = {key: value for key, value in vals.items() if not is_left_out(value)}
        wrong_kinds = [
            InvalidValue(
                _lt(
                    "%(key)s must be %(expected)s, not %(kind)s.",
                    key=key,
                    expected=json_type(kind),
                    kind=json_type(type(value)),
                ),
                path=key,
            )
            for key, kind in expected.items()
            if key in said and not isinstance(value := said[key], kind)
        ]
        wrong_words = [
            InvalidValue(
                _lt("must be one of %s.", ", ".join(words)), path=key, value=said[key]
            )
            for key, words in CHOICES.items()
            if key in said and said[key] not in words
        ]
        return wrong_kinds + wrong_words + _check_moment(said)


def _check_moment(said: Mapping) -> list[ApiError]:
    """Return what is wrong with an ``expected_write_date``, needed or not."""
    path = "expected_write_date"
    try:
        if path in said:
            convert_datetime(said[path])
    except ApiError as exc:
        return [exc.at(path)]
    return []


def is_left_out(value: object) -> bool:
    """Tell whether a value stands for nothing said.

    18.0 clients send false or ``""`` there as well as null; 0, ``[]`` and ``{}`` are
    something else.
    """
    return value is None or value is False or value == ""


def json_type(kind: type) -> Sentence:
    """Return the JSON name of a Python type, with its article."""
    names = {
        dict: _lt("an object"),
        list: _lt("a list"),
        str: _lt("a string"),
        bool: _lt("true or false"),
        int: _lt("a number"),
        float: _lt("a number"),
    }
    return names.get(kind, "null")


def suggest(name: str, known: Collection[str]) -> Sentence | None:
    """Return "did you mean ...?" when something known is close, else ``None``."""
    close = difflib.get_close_matches(name, known, n=3, cutoff=0.6)
    if not close:
        return None
    names: Sentence = close[0]
    for other in close[1:]:
        names = _lt("%(names)s or %(other)s", names=names, other=other)
    return _lt("did you mean %(names)s?", names=names)


def unknown_key(key: str, known: Collection[str], *, path: str) -> ApiError:
    """Return the error for a key nobody knows, with the nearest known ones."""
    message = _lt("'%(key)s' is not a key of this request.", key=key)
    return ApiError("unknown_key", message, path=path, hint=suggest(key, known))


def read_envelope(envelope: object) -> tuple[str, Mapping, object]:
    """Check a JSON-RPC envelope by name.

    :param envelope: the parsed body.
    :returns: ``(model, vals, id)``.
    :raises ApiRefused: ``invalid_request`` when it is no JSON-RPC request,
        ``invalid_params`` when ``params`` is not ``{"model": str, "vals": {}}``.
    """
    if not isinstance(envelope, dict):
        what = json_type(type(envelope))
        message = _lt("The body must be an object, not %(kind)s.", kind=what)
        raise ApiRefused("invalid_request", message)
    if envelope.get("jsonrpc", "2.0") != "2.0":
        raise ApiRefused("invalid_request", _lt("jsonrpc must be '2.0' or left out."))
    if not isinstance(envelope.get("method"), (str, type(None))):
        raise ApiRefused("invalid_request", _lt("method must be a string or left out."))
    jsonrpc_id = envelope.get("id")
    if isinstance(jsonrpc_id, (dict, list, bool)):
        raise ApiRefused(
            "invalid_request", _lt("id must be a string, a number or null.")
        )
    params = envelope.get("params")
    if not isinstance(params, dict):
        message = _lt("params must be an object holding 'model' and 'vals'.")
        raise ApiRefused("invalid_params", message)
    model, vals = params.get("model"), params.get("vals")
    if not isinstance(model, str) or not model:
        raise ApiRefused("invalid_params", _lt("params.model must be a model's name."))
    if not isinstance(vals, dict):
        raise ApiRefused("invalid_params", _lt("params.vals must be an object."))
    return model, vals, jsonrpc_id
