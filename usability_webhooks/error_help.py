# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What each code of ``exceptions`` means to a person, and what to do about it.

Codes are the wire's and never change; these words are the reader's, in his language.
"""

# Texts of a module, put into the reader's language by whoever shows them.
# pylint: disable=prefer-env-translation
from __future__ import annotations

from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)

#: Code -> one short paragraph: for each of ``OPERATION_CODES`` and ``REFUSAL_STATUS``.
HELP = {
    # -- of an operation
    "invalid_value": _lt(
        "A value has the wrong form for its field, such as text where a number is"
        " needed or a choice the field does not have. Correct it at the given path."
    ),
    "unknown_model": _lt(
        "There is no such kind of record, its app is not installed, or the caller may"
        " not see it. Check the technical name, then the user's access rights and the"
        " key's access profile."
    ),
    "unknown_field": _lt(
        "The model has no field of this name. Check the spelling; the console lists"
        " the fields there are."
    ),
    "unknown_key": _lt(
        "The request has a key that this route does not read. Check the spelling and"
        " that it stands at the right level."
    ),
    "readonly_field": _lt(
        "Odoo itself sets this field, so it cannot be sent. Leave it out."
    ),
    "missing_required": _lt(
        "The record cannot be made without this field. Send a value for it."
    ),
    "not_found": _lt(
        "No record matches, or the caller may not see the one that does. Create the"
        " missing record, correct the value, or let the request create it with"
        " auto_create. Archived records are not found either."
    ),
    "ambiguous": _lt(
        "Several records match where exactly one is needed. Merge the duplicates, or"
        " send one more field that tells them apart."
    ),
    "access_denied": _lt(
        "The user of the key may not do this with these records. Look at the user's"
        " groups, the record rules and the key's access profile; the traceback on this"
        " row says which of them it was, if it was Odoo's own."
    ),
    "field_denied": _lt(
        "The caller may not read or write this field. Leave it out, or allow it in the"
        " user's groups or the key's access profile."
    ),
    "method_denied": _lt(
        "This method may not be called from outside: it is private, it commits by"
        " itself, or the key's access profile does not list it."
    ),
    "unknown_method": _lt("The model has no such method. Check the spelling."),
    "invalid_arguments": _lt(
        "The arguments do not fit the method. Send them by name, those the method has"
        " and no others."
    ),
    "invalid_domain": _lt(
        "The search conditions cannot be read. A domain is a list of conditions, each"
        " a field, a comparison and a value."
    ),
    "validation_error": _lt(
        "A rule of the data model says no; the message is its own. Correct the values"
        " it is about."
    ),
    "user_error": _lt(
        "A business rule says no; the message is the one people see in Odoo. Do what"
        " it says, as in the browser."
    ),
    "identity_check_required": _lt(
        "Odoo asks for a password at this point, which only works in the browser. Do"
        " it there."
    ),
    "conflict": _lt(
        "Others were changing the same data, or the record moved on since it was read."
        " Nothing was written. Where the answer says retryable, send it again; else"
        " read the record first."
    ),
    "limit_exceeded": _lt(
        "The request asks for more than is allowed at once. Send it in smaller parts,"
        " or raise the limit it names."
    ),
    "internal_error": _lt(
        "A fault in code, not in the request. The traceback on this row says where;"
        " give it to whoever looks after that app."
    ),
    # -- refused before any operation
    "parse_error": _lt(
        "The body is not JSON as the standard has it: a comma too many, a key twice, a"
        " number too large, or it was cut off. Have the sender build it with a JSON"
        " library."
    ),
    "invalid_request": _lt(
        "The body is JSON but no request, or a header is malformed or missing. The"
        " message says what is wrong."
    ),
    "invalid_params": _lt(
        "params must hold the name of a model and an object called vals. Compare with"
        " the console's example."
    ),
    "auth_required": _lt(
        "The request came without a key. Send it as a header:"
        " Authorization: Bearer and the key."
    ),
    "auth_invalid": _lt(
        "The key is unknown, expired or revoked, or its user is archived. Make a new"
        " key and replace it at the sender."
    ),
    "auth_mismatch": _lt(
        "The request carries two identities: two different keys, or a key and the"
        " session of another user. Send only one."
    ),
    "access_denied_route": _lt(
        "The key's access profile does not allow this route. Allow it there, or use"
        " another key."
    ),
    "csrf": _lt(
        "A page of another site used the session of a browser. Integrations use a key,"
        " not a session."
    ),
    "ip_not_allowed": _lt(
        "The request came from an address the key's access profile does not list. Add"
        " it there if it is the sender's."
    ),
    "unknown_document": _lt(
        "There is no description of such a model, or the caller may not see it."
    ),
    "method_not_allowed": _lt(
        "The routes take POST; a redirect may have turned it into GET. Use the final"
        " address, with https where the server wants it."
    ),
    "idempotency_in_progress": _lt(
        "The same request is still at work. Wait as long as Retry-After says and send"
        " it again under the same key: its answer will be there."
    ),
    "body_too_large": _lt(
        "The body is larger than the server or the key's access profile takes. Send"
        " fewer records at once, or raise webhook.max_body_size."
    ),
    "media_type": _lt(
        "The body must be sent as JSON, uncompressed: Content-Type: application/json."
    ),
    "idempotency_mismatch": _lt(
        "This idempotency key was used for another request. Use a new key for each"
        " request, and the same one only to repeat it."
    ),
    "rate_limited": _lt(
        "Too many requests in a short time. The sender must wait as long as"
        " Retry-After says; raise the limit in the key's access profile if it is meant"
        " to send so many."
    ),
    "unavailable": _lt(
        "The database was out of reach, or the request could not be logged. Send it"
        " again after a moment."
    ),
}
