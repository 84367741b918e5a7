# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

import datetime
import ipaddress
import os
import socket
import ssl
import tempfile
import time
from pathlib import Path
from unittest.mock import patch

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from odoo.tests import BaseCase

from ..tools import webhook_connection, webhook_target, webhook_transport
from ..tools.webhook_policy import Policy, make_policy
from .webhook_receiver import HOST, Receiver

#: Seconds, of the attempts that are to end by it.
DEADLINE = 1.0
PATIENCE = 5.0
LOOPBACK = make_policy(["127.0.0.0/8"])


class TestWebhookTransport(BaseCase):
    """One POST, to receivers of every kind."""

    def setUp(self):
        super().setUp()
        self.receiver = Receiver().start()
        self.addCleanup(self.receiver.stop)

    def _post(self, path="/ok", headers=None, body=b"{}", deadline=PATIENCE):
        url = self.receiver.url(path)
        return webhook_transport.post(url, body, headers or {}, LOOPBACK, deadline)

    def test_what_is_sent_is_the_bytes_under_the_headers(self):
        body = '{"name": "é\u2028😀"}'.encode()
        attempt = self._post("/ok?a=%20b", {"Webhook-Id": "msg_1"}, body)
        self.assertEqual((attempt.status, attempt.answer), (200, "ok"))
        self.assertEqual((attempt.error, attempt.address), ("", HOST))
        (request,) = self.receiver.received
        self.assertEqual(request.body, body)
        self.assertEqual(request.path, "/ok?a=%20b")
        self.assertEqual(request.headers["webhook-id"], "msg_1")
        self.assertEqual(request.headers["host"], f"{HOST}:{self.receiver.port}")
        self.assertEqual(request.headers["accept-encoding"], "identity")

    def test_answers_are_read_to_their_end_and_no_further(self):
        for path, status, answer in (
            ("/chunked", 200, "foobar"),
            ("/early-hints", 200, "ok"),
            ("/continue", 200, "ok"),
            ("/until-closed", 200, "to the end"),
            ("/redirect", 301, ""),
            ("/no-content", 204, ""),
            ("/closing", 200, "ok"),
            ("/status/410", 410, "told"),
            ("/more-than-asked", 200, "ok"),
            # Not unpacked: a bomb stays as small as it came.
            ("/compressed", 200, "\x1f\ufffd\x08"),
        ):
            with self.subTest(path):
                attempt = self._post(path)
                self.assertEqual((attempt.status, attempt.answer), (status, answer))
                self.assertFalse(attempt.error, attempt)
        # The redirect was not followed: nobody came who was not told to.
        paths = [request.path for request in self.receiver.received]
        self.assertEqual(paths.count("/ok"), 0)

    def test_what_broke_is_said(self):
        for path, status, error in (
            ("/garbled-chunks", 200, "bad_answer"),
            ("/negative-chunk", 200, "bad_answer"),
            ("/short", 200, "bad_answer"),
            ("/not-http", None, "bad_answer"),
            ("/half-status", None, "bad_answer"),
            ("/nothing", None, "connection_lost"),
            ("/reset", None, "connection_lost"),
            ("/half-close", None, "connection_lost"),
            ("/endless-headers", None, "bad_answer"),
            ("/endless-line", None, "bad_answer"),
            ("/continue-flood", None, "bad_answer"),
        ):
            with self.subTest(path):
                attempt = self._post(path)
                self.assertEqual((attempt.status, attempt.error), (status, error))
                self.assertTrue(attempt.message)
                self.assertLess(attempt.milliseconds, PATIENCE * 1000)

    def test_nothing_outlasts_the_deadline(self):
        for path, status in (
            ("/silence", None),
            ("/drip-headers", None),
            ("/drip-body", 200),
        ):
            with self.subTest(path):
                begun = time.monotonic()
                attempt = self._post(path, deadline=DEADLINE)
                seconds = time.monotonic() - begun
                self.assertEqual((attempt.status, attempt.error), (status, "timeout"))
                self.assertTrue(DEADLINE * 0.9 < seconds < DEADLINE + 0.5, seconds)

    def test_a_receiver_that_does_not_read_does_not_outlast_it_either(self):
        deaf = socket.create_server((HOST, 0))
        self.addCleanup(deaf.close)
        url = f"http://{HOST}:{deaf.getsockname()[1]}/"
        begun = time.monotonic()
        body = b"x" * 20_000_000
        attempt = webhook_transport.post(url, body, {}, LOOPBACK, DEADLINE)
        self.assertEqual((attempt.status, attempt.error), (None, "timeout"))
        self.assertLess(time.monotonic() - begun, DEADLINE + 0.5)

    def test_64_kibibytes_of_five_gigabytes_are_kept(self):
        attempt = self._post("/huge")
        self.assertEqual((attempt.status, attempt.size), (200, 64 * 1024))
        self.assertEqual(len(attempt.answer), 64 * 1024)
        self.assertLess(attempt.milliseconds, 2_000)

    def test_retry_after_is_read(self):
        self.assertEqual(self._post("/wait").retry_after, 120.0)

    def test_nobody_listening(self):
        self.receiver.stop()
        attempt = self._post()
        self.assertEqual((attempt.status, attempt.error), (None, "connect_failed"))

    def test_headers_that_would_end_their_line_are_refused(self):
        for headers in (
            {"X-A": "b\r\nX-Evil: 1"},
            {"X-A": "b\nc"},
            {"X-A": "b\x00"},
            {"X-A": "Ω"},
            {"X-A: x\r\nX-Evil": "1"},
            {"": "1"},
            {"Host": "elsewhere"},
            {"Transfer-Encoding": "chunked"},
            {"content-length": "1"},
        ):
            with self.subTest(headers):
                self.assertEqual(self._post(headers=headers).error, "invalid_header")
        self.assertFalse(self.receiver.received)

    def test_no_proxy_and_no_netrc_is_asked(self):
        with tempfile.TemporaryDirectory() as home:
            Path(home, ".netrc").write_text(
                f"machine {HOST} login me password secret\n", encoding="ascii"
            )
            nowhere = "http://127.0.0.1:1"
            env = {"HOME": home, "http_proxy": nowhere, "ALL_PROXY": nowhere}
            with patch.dict(os.environ, env):
                self.assertEqual(self._post().status, 200)
        self.assertNotIn("authorization", self.receiver.received[0].headers)

    def test_connection_is_shared_only_inside_kept_open(self):
        for _each in range(3):
            self._post()
        self.assertEqual(self.receiver.connections, 3)
        with webhook_transport.kept_open():
            for _each in range(3):
                self.assertEqual(self._post().status, 200)
        self.assertEqual(self.receiver.connections, 4)

    def test_connection_is_given_up_after_an_answer_that_did_not_end(self):
        for path in ("/short", "/closing", "/more-than-asked", "/huge"):
            with self.subTest(path), webhook_transport.kept_open():
                self._post(path)
                before = self.receiver.connections
                self.assertEqual(self._post().status, 200)
                self.assertEqual(self.receiver.connections, before + 1)

    def test_receiver_that_hung_up_meanwhile_is_called_again(self):
        with webhook_transport.kept_open():
            for _each in range(3):
                self.assertEqual(self._post("/once").status, 200)
        self.assertEqual(len(self.receiver.received), 3)


class TestWebhookAddress(BaseCase):
    """Whom a POST reaches, whatever the name says."""

    def setUp(self):
        super().setUp()
        self.receiver = Receiver().start()
        self.addCleanup(self.receiver.stop)

    def _post(self, host, policy, answers):
        """POST to a name that means ``answers``, one list for each look-up."""
        found = [[ipaddress.ip_address(text) for text in texts] for texts in answers]
        url = f"http://{host}:{self.receiver.port}/ok"
        with patch.object(webhook_target, "look_up", side_effect=found) as look_up:
            attempt = webhook_transport.post(url, b"", {}, policy, PATIENCE)
        return attempt, look_up.call_count

    def test_one_bad_address_refuses_the_name(self):
        policy = Policy(http_ports=frozenset({self.receiver.port}), allow_http=True)
        attempt, _count = self._post("x.example", policy, [["1.1.1.1", HOST]])
        self.assertEqual(attempt.error, "address_refused")
        self.assertFalse(self.receiver.connections)

    def test_name_is_looked_up_once(self):
        # Checked as public, then private: the second answer is never asked for.
        policy = Policy(http_ports=frozenset({self.receiver.port}), allow_http=True)
        with patch.object(
            webhook_connection, "_connect_to", side_effect=ConnectionRefusedError
        ) as connect:
            attempt, count = self._post("x.example", policy, [["1.1.1.1"], [HOST]])
        self.assertEqual((attempt.error, count), ("connect_failed", 1))
        self.assertEqual(str(connect.call_args.args[0]), "1.1.1.1")
        self.assertFalse(self.receiver.connections)

    def test_name_in_a_listed_network_is_called_by_its_name(self):
        attempt, count = self._post("erp.internal", LOOPBACK, [[HOST]])
        self.assertEqual((attempt.status, attempt.address, count), (200, HOST, 1))
        host = self.receiver.received[0].headers["host"]
        self.assertEqual(host, f"erp.internal:{self.receiver.port}")

    def test_other_end_is_who_was_checked(self):
        with patch("socket.socket.getpeername", return_value=("10.0.0.1", 80)):
            attempt, _count = self._post("erp.internal", LOOPBACK, [[HOST]])
        self.assertEqual(attempt.error, "connect_failed")
        self.assertFalse(self.receiver.received)

    def test_resolver_does_not_outlast_the_deadline(self):
        url = "https://slow.example/"

        def dawdle(_host):
            time.sleep(PATIENCE)
            return []

        begun = time.monotonic()
        with patch.object(webhook_target, "look_up", dawdle):
            attempt = webhook_transport.post(url, b"", {}, Policy(), DEADLINE)
        self.assertEqual(attempt.error, "timeout")
        self.assertLess(time.monotonic() - begun, DEADLINE + 0.5)

    def test_name_nobody_knows(self):
        url = "https://nobody.example/"
        error = socket.gaierror(-2, "Name or service not known")
        with patch.object(webhook_target, "look_up", side_effect=error):
            attempt = webhook_transport.post(url, b"", {}, Policy(), PATIENCE)
        self.assertEqual((attempt.status, attempt.error), (None, "dns_failed"))


def _write_certificate(path: Path, name: str) -> None:
    """Write a key and a certificate for ``name``, signed by nobody but itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.timezone.utc)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    path.write_bytes(
        key.private_bytes(
            pem,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(pem)
    )


class TestWebhookTls(BaseCase):
    """Who a receiver says it is, is checked."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        path = Path(folder.name, "receiver.pem")
        _write_certificate(path, "erp.internal")
        server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server.load_cert_chain(path)
        cls.receiver = Receiver(server).start()
        cls.addClassCleanup(cls.receiver.stop)
        cls.trusting = ssl.create_default_context(cafile=path)

    def _post(self, host, context=None, path="/ok", deadline=PATIENCE):
        url = f"https://{host}:{self.receiver.port}{path}"
        context = context or webhook_connection.get_tls_context()
        addresses = [ipaddress.ip_address(HOST)]
        with (
            patch.object(webhook_target, "look_up", return_value=addresses),
            patch.object(webhook_connection, "get_tls_context", lambda: context),
        ):
            return webhook_transport.post(url, b"{}", {}, LOOPBACK, deadline)

    def test_certificate_nobody_vouches_for(self):
        attempt = self._post("erp.internal")
        self.assertEqual((attempt.status, attempt.error), (None, "tls_failed"))
        self.assertFalse(self.receiver.received)

    def test_certificate_of_another_name(self):
        attempt = self._post("other.internal", self.trusting)
        self.assertEqual((attempt.status, attempt.error), (None, "tls_failed"))
        self.assertFalse(self.receiver.received)

    def test_certificate_of_this_name(self):
        with webhook_transport.kept_open():
            for _each in range(3):
                attempt = self._post("erp.internal", self.trusting)
                self.assertEqual((attempt.status, attempt.answer), (200, "ok"))
        self.assertEqual(len({one.connection for one in self.receiver.received}), 1)
        self.receiver.received.clear()

    def test_deadline_holds_over_tls(self):
        for path, status in (("/silence", None), ("/drip-body", 200)):
            with self.subTest(path):
                begun = time.monotonic()
                attempt = self._post("erp.internal", self.trusting, path, DEADLINE)
                self.assertEqual((attempt.status, attempt.error), (status, "timeout"))
                self.assertLess(time.monotonic() - begun, DEADLINE + 0.5)
        self.receiver.received.clear()

    def test_receiver_that_speaks_no_tls(self):
        plain = Receiver().start()
        self.addCleanup(plain.stop)
        url = f"https://{HOST}:{plain.port}/ok"
        attempt = webhook_transport.post(url, b"", {}, LOOPBACK, DEADLINE)
        self.assertIn(attempt.error, ("tls_failed", "timeout"))
