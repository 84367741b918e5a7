# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

import base64
import json
import time

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from standardwebhooks import Webhook, WebhookVerificationError

from odoo.tests import BaseCase

from ..tools.webhook_signature import (
    check,
    new_key_pair,
    new_message_id,
    new_secret,
    sign,
)

BODIES = (
    b'{"test": 2432232314}',
    '{"name": "é\u2028😀"}'.encode(),
    json.dumps({"text": "ก" * 7_000}, ensure_ascii=False).encode(),
    b"null",
)
MESSAGE = "msg_p5jXN8AQM9LWM0D4loKWxJek"


class TestWebhookSignature(BaseCase):
    """What receivers verify."""

    def _verify(self, secret, body, header, **changes):
        """Verify with the official library."""
        headers = {
            "webhook-id": changes.get("message", MESSAGE),
            "webhook-timestamp": str(changes.get("moment", int(time.time()))),
            "webhook-signature": header,
        }
        return Webhook(secret).verify(body, headers)

    def test_known_answer(self):
        secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
        self.assertEqual(
            sign([secret], MESSAGE, 1614265330, BODIES[0]),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        )

    def test_official_library_accepts_every_body(self):
        secret = new_secret()
        for body in BODIES:
            with self.subTest(body[:20]):
                now = int(time.time())
                header = sign([secret], MESSAGE, now, body)
                found = self._verify(secret, body, header, moment=now)
                self.assertEqual(found, json.loads(body))

    def test_official_library_refuses_what_was_changed(self):
        secret, body, now = new_secret(), BODIES[0], int(time.time())
        header = sign([secret], MESSAGE, now, body)
        old = now - 360
        for changes in (
            {"body": body.replace(b"4", b"5", 1)},
            {"message": MESSAGE + "x"},
            {"moment": now + 1},
            {"secret": new_secret()},
            {"moment": old, "header": sign([secret], MESSAGE, old, body)},
        ):
            facts = {"secret": secret, "body": body, "header": header, "moment": now}
            with self.subTest(changes), self.assertRaises(WebhookVerificationError):
                self._verify(**facts | changes)

    def test_either_secret_verifies_while_one_replaces_the_other(self):
        old, new, now = new_secret(), new_secret(), int(time.time())
        private, _public = new_key_pair()
        header = sign([private, new, old], MESSAGE, now, BODIES[1])
        for secret in (old, new):
            self._verify(secret, BODIES[1], header, moment=now)
        versions = [one.partition(",")[0] for one in header.split(" ")]
        self.assertEqual(versions, ["v1a", "v1", "v1"])

    def test_key_pair_verifies(self):
        private, public = new_key_pair()
        header = sign([private], MESSAGE, 1614265330, BODIES[1])
        signature = base64.b64decode(header.removeprefix("v1a,"))
        raw = base64.b64decode(public.removeprefix("whpk_"))
        key = Ed25519PublicKey.from_public_bytes(raw)
        content = f"{MESSAGE}.1614265330.".encode() + BODIES[1]
        key.verify(signature, content)
        with self.assertRaises(InvalidSignature):
            key.verify(signature, content + b" ")
        # The seed alone is the same key.
        seed = base64.b64decode(private.removeprefix("whsk_"))[:32]
        short = "whsk_" + base64.b64encode(seed).decode()
        self.assertEqual(sign([short], MESSAGE, 1614265330, BODIES[1]), header)

    def test_what_cannot_sign_is_refused_and_not_quoted(self):
        for secret in (
            "",
            "secret-of-ours",
            "whsec_secret!",
            "whsec_" + base64.b64encode(b"x" * 23).decode(),
            "whsec_" + base64.b64encode(b"x" * 65).decode(),
            "whsk_" + base64.b64encode(b"x" * 33).decode(),
            new_key_pair()[1],
        ):
            with self.subTest(secret), self.assertRaises(ValueError) as caught:
                check(secret)
            if secret:
                self.assertNotIn(secret, str(caught.exception))
        for secret in (new_secret(), new_key_pair()[0]):
            check(secret)

    def test_id_with_a_dot_is_refused(self):
        with self.assertRaises(ValueError):
            sign([new_secret()], "msg_1.2", 1, b"")

    def test_message_ids_say_nothing_and_differ(self):
        ids = {new_message_id() for _each in range(1_000)}
        self.assertEqual(len(ids), 1_000)
        for message_id in ids:
            self.assertRegex(message_id, r"\Amsg_[0-9A-Za-z]{24}\Z")
