# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The documents this process made last, by what they were made of."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable

#: A few hundred kilobytes each.
MAX_DOCUMENTS = 16

_documents: OrderedDict[tuple[str, str], bytes] = OrderedDict()
_lock = threading.Lock()


def get_document(database: str, etag: str, make: Callable[[], bytes]) -> bytes:
    """Return a document, made only if it is not remembered.

    :param etag: names everything the document depends on, the caller included.
    """
    key = (database, etag)
    with _lock:
        if key in _documents:
            _documents.move_to_end(key)
            return _documents[key]
    document = make()
    with _lock:
        _documents[key] = document
        while len(_documents) > MAX_DOCUMENTS:
            _documents.popitem(last=False)
    return document
