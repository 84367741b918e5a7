# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Signatures as Standard Webhooks wants them.

Signed is ``<message id>.<timestamp>.<body>``, over the bytes that are sent. By the
standard library, not by the official one: that takes a ``datetime`` and signs a wrong
moment when it has a time zone. The tests verify with the official one.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets as random_source
import string
from collections.abc import Iterable

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

SECRET_PREFIX = "whsec_"
PRIVATE_PREFIX = "whsk_"
PUBLIC_PREFIX = "whpk_"
SECRET_BYTES = 32
#: What the specification allows for a shared secret.
SECRET_LENGTHS = range(24, 65)
KEY_BYTES = 32
MESSAGE_PREFIX = "msg_"
MESSAGE_LETTERS = 24
_BASE62 = string.digits + string.ascii_letters


def new_secret() -> str:
    """Return a new secret to be shared with a receiver."""
    return _encode(SECRET_PREFIX, random_source.token_bytes(SECRET_BYTES))


def new_key_pair() -> tuple[str, str]:
    """Return a new private key, to sign with, and its public key, to verify with."""
    private = Ed25519PrivateKey.generate()
    public = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    # Both halves in the private one, as the other implementations store it.
    seed = private.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
    return _encode(PRIVATE_PREFIX, seed + public), _encode(PUBLIC_PREFIX, public)


def new_message_id() -> str:
    """Return an id for a new delivery; 142 random bits."""
    letters = (random_source.choice(_BASE62) for _each in range(MESSAGE_LETTERS))
    return MESSAGE_PREFIX + "".join(letters)


def check(secret: str) -> None:
    """Check that one can sign with it.

    :raises ValueError: it is neither a shared secret nor a private key; the text does
        not quote it.
    """
    _sign_one(secret, b"")


def sign(secrets: Iterable[str], message_id: str, timestamp: int, body: bytes) -> str:
    """Return the ``webhook-signature`` header: one signature for each secret.

    :param secrets: ``whsec_`` (signature v1) and ``whsk_`` (v1a) texts.
    :param timestamp: of this attempt, in seconds since 1970.
    :raises ValueError: see ``check``; or the id holds a dot, which would let another
        message have the same signature.
    """
    if "." in message_id:
        raise ValueError("A message id may not hold a dot.")
    content = b"%b.%d.%b" % (message_id.encode(), timestamp, body)
    return " ".join(_sign_one(secret, content) for secret in secrets)


def _sign_one(secret: str, content: bytes) -> str:
    if secret.startswith(PRIVATE_PREFIX):
        key = _decode(secret, PRIVATE_PREFIX)
        if len(key) not in (KEY_BYTES, 2 * KEY_BYTES):
            raise ValueError("A private key (whsk_) has 32 or 64 bytes.")
        private = Ed25519PrivateKey.from_private_bytes(key[:KEY_BYTES])
        return f"v1a,{base64.b64encode(private.sign(content)).decode()}"
    key = _decode(secret, SECRET_PREFIX)
    if len(key) not in SECRET_LENGTHS:
        raise ValueError("A secret (whsec_) has 24 to 64 bytes.")
    digest = hmac.new(key, content, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def _encode(prefix: str, key: bytes) -> str:
    return prefix + base64.b64encode(key).decode()


def _decode(secret: str, prefix: str) -> bytes:
    if not secret.startswith(prefix):
        raise ValueError("A secret begins with whsec_, a private key with whsk_.")
    try:
        return base64.b64decode(secret.removeprefix(prefix), validate=True)
    except binascii.Error:
        raise ValueError("What follows whsec_ or whsk_ is base64.") from None
