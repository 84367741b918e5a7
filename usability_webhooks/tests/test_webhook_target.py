# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

import ipaddress

from odoo.tests import BaseCase

from ..tools.webhook_policy import Policy, is_public, make_policy
from ..tools.webhook_target import TargetRefused, parse, resolve

PUBLIC = """
1.1.1.1 8.8.8.8 52.1.2.3 168.63.129.17 192.0.1.1 203.0.112.1
2606:4700:4700::1111 2a00:1450:4001:82b::200e 2001:4860:4860::8888
"""
#: Those of the second half Python calls global.
NOT_PUBLIC = """
0.0.0.0 10.1.2.3 100.64.0.1 100.100.100.200 127.0.0.1 127.255.255.254 169.254.169.254
172.16.0.1 172.31.255.255 192.0.2.1 192.168.1.1 198.18.0.1 198.51.100.1 203.0.113.1
240.0.0.1 255.255.255.255
:: ::1 100::1 fc00::1 fd00:ec2::254 fe80::1 2001:db8::1 2001::1 2001:10::1 3fff::1
::ffff:127.0.0.1 ::127.0.0.1 5f00::1

64:ff9b::a9fe:a9fe 64:ff9b:1::1 2002:7f00:1:: 2002:a00:1::1 224.0.0.1 239.1.2.3
fec0::1 ff02::1 ff0e::1 192.88.99.1 192.0.0.8 192.0.0.192 ::ffff:8.8.8.8
168.63.129.16 192.31.196.1 192.52.193.1 192.175.48.1 2620:4f:8000::1 4000::1
"""
INVALID = (
    "",
    "example.com",
    "//example.com/",
    "https:/example.com",
    "https:example.com",
    "https://",
    "https:///path",
    "https://?x",
    " https://example.com/",
    "https://example.com/ ",
    "https://exa mple.com/",
    "https://example.com/a\tb",
    "https://example.com/\r\nHost: evil",
    "https://example.com\n",
    "https://example.com/\x00",
    "https://example.com/\u00a0",
    "https://exam\u200bple.com/",
    "https://exam\u00adple.com/",
    # Two programs, two hosts.
    "https://good.com\\@127.0.0.1/",
    "https://127.0.0.1\\.good.com/",
    "https://good.com#@127.0.0.1/",
    "https://good.com/#fragment",
    "https://user@example.com/",
    "https://user:password@example.com/",
    "https://good.com:443@127.0.0.1/",
    "https://good.com%40127.0.0.1/",
    "https://a%2eb.com/",
    # An address in a notation that only some programs know.
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0x7f.1/",
    "https://127.1/",
    "https://127.0.1/",
    "https://0177.0.0.1/",
    "https://127.0.0.01/",
    "https://127.0.0.0x1/",
    "https://①②⑦.⓪.⓪.①/",
    "https://１２７.0.0.1/",
    "https://[::1%25lo]/",
    "https://[::1",
    "https://[::1]x/",
    "https://[127.0.0.1]/",
    "https://::1/",
    "https://example..com/",
    "https://.example.com/",
    "https://example.com./",
    "https://-example.com/",
    "https://exa_mple-.com/",
    f"https://{'a' * 64}.com/",
    f"https://{'a.' * 130}com/",
    f"https://example.com/{'a' * 2000}",
    "https://example.com:/",
    "https://example.com:0/",
    "https://example.com:0443/",
    "https://example.com:+443/",
    "https://example.com:65536/",
    "https://example.com:443:443/",
    "https://example.com:٤٤٣/",
)
REFUSED = (
    ("http://example.com/", "scheme_refused"),
    ("ftp://example.com/", "scheme_refused"),
    ("file:///etc/passwd", "scheme_refused"),
    ("gopher://127.0.0.1:6379/_", "scheme_refused"),
    ("javascript://example.com/", "scheme_refused"),
    ("https://example.com:22/", "port_refused"),
    ("https://example.com:80/", "port_refused"),
    ("https://1.1.1.1:5432/", "port_refused"),
    ("https://127.0.0.1/", "address_refused"),
    ("https://127。0。0。1/", "address_refused"),
    ("https://[::1]/", "address_refused"),
    ("https://[::ffff:7f00:1]/", "address_refused"),
    ("https://[::ffff:127.0.0.1]/", "address_refused"),
    ("https://169.254.169.254/latest/meta-data/", "address_refused"),
    ("https://[64:ff9b::a9fe:a9fe]/", "address_refused"),
)


class TestWebhookTarget(BaseCase):
    """Where a webhook may go."""

    def test_addresses_of_the_public_internet(self):
        for text in PUBLIC.split():
            with self.subTest(text):
                self.assertTrue(is_public(ipaddress.ip_address(text)))

    def test_all_other_addresses(self):
        for text in NOT_PUBLIC.split():
            with self.subTest(text):
                self.assertFalse(is_public(ipaddress.ip_address(text)))

    def test_python_alone_would_call_some_of_them(self):
        """Should Python know better one day, this list can become shorter."""
        second = NOT_PUBLIC.rpartition("\n\n")[2].split()
        self.assertTrue(
            all(ipaddress.ip_address(text).is_global for text in second[:4])
        )

    def test_what_has_no_single_meaning_is_no_url(self):
        for url in INVALID:
            with self.subTest(url), self.assertRaises(TargetRefused) as caught:
                parse(url, Policy())
            self.assertEqual(caught.exception.code, "invalid_url", url)

    def test_what_may_not_be_called(self):
        for url, code in REFUSED:
            with self.subTest(url), self.assertRaises(TargetRefused) as caught:
                parse(url, Policy())
            self.assertEqual(caught.exception.code, code, url)

    def test_a_url_is_read_as_it_is_sent(self):
        for url, host, port, path in (
            ("https://example.com", "example.com", 443, "/"),
            ("HTTPS://Example.COM/A?b=C", "example.com", 443, "/A?b=C"),
            ("https://example.com:8443?q", "example.com", 8443, "/?q"),
            ("https://bücher.example/ü", "xn--bcher-kva.example", 443, "/%C3%BC"),
            ("https://1.1.1.1/", "1.1.1.1", 443, "/"),
            ("https://[2606:4700::1]/", "2606:4700::1", 443, "/"),
            ("https://a_b.example/%20%zz", "a_b.example", 443, "/%20%zz"),
            ("https://x.example/a//b/../c", "x.example", 443, "/a//b/../c"),
            ("https://x.example/?u=http://a@b", "x.example", 443, "/?u=http://a@b"),
        ):
            with self.subTest(url):
                target = parse(url, Policy())
                read = (target.host, target.port, target.path)
                self.assertEqual(read, (host, port, path))
                self.assertEqual(parse(target.url, Policy()), target)

    def test_plain_http_is_an_endpoints_own_choice(self):
        policy = Policy(allow_http=True)
        self.assertEqual(parse("http://example.com:8080/", policy).port, 8080)
        with self.assertRaises(TargetRefused):
            parse("http://example.com:443/", policy)

    def test_listed_networks_may_be_called_on_any_port(self):
        policy = make_policy(["10.0.0.0/8", "fd00::/8"])
        for url in ("http://10.1.2.3:8069/", "https://[fd00::1]:99/"):
            with self.subTest(url):
                self.assertEqual(len(resolve(parse(url, policy), policy)), 1)
        for url in ("http://192.168.0.1/", "https://1.1.1.1:99/", "https://[fe80::1]/"):
            with self.subTest(url), self.assertRaises(TargetRefused):
                resolve(parse(url, policy), policy)

    def test_this_machines_name_leads_to_this_machine(self):
        target = parse("https://localhost/", Policy())
        with self.assertRaises(TargetRefused) as caught:
            resolve(target, Policy())
        self.assertEqual(caught.exception.code, "address_refused")

    def test_nonsense_is_no_policy(self):
        for texts in (["10.0.0.1/8"], ["everywhere"], [""]):
            with self.subTest(texts), self.assertRaises(ValueError):
                make_policy(texts)
        for port in ("0", "65536", "https"):
            with self.subTest(port), self.assertRaises(ValueError):
                make_policy(https_ports=[port])
