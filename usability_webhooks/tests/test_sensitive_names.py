# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

from odoo.tests import BaseCase

from ..tools.sensitive_names import DEFAULT, SensitiveNames

SECRETS = """
    password Password PASSWORD passwd pwd user_pwd new_password userPassword
    password2 password_confirm PasswordConfirmation old-password passphrase passcode
    secret client_secret clientSecret CLIENT-SECRET secrets webhook_secret
    token access_token accessToken refresh_token csrf_token token_hash x-auth-token
    tokens access_tokens google_calendar_rtoken
    api_key apikey apiKey APIKey X-Api-Key x_api_key api_keys gelato_api_key
    private_key privateKey secret_key access_key hmac_key stripe_key ecpay_hashkey
    authorization Authorization Proxy-Authorization auth_header authHeader
    cookie Cookie set-cookie Set-Cookie2 session_id sessionId JSESSIONID
    credential credentials aws_credentials totp totp_secret otp l10n_sa_otp
    pin PIN cvv cvc cvv2 card_cvc jwt bearer smtp_pass
    user_id.password partner_id.user_ids.totp_secret
""".split()

HARMLESS = (
    """
    key keys search_key searchKey primary_key foreign_key idempotency_key
    Idempotency-Key public_key stripe_publishable_key avatar_cache_key order_key
    external_key push_to_talk_key keyword keywords monkey turkey hockey keyboard
    token_id payment_token_id payment_token_count token_count max_tokens tokenize
    access_token_expiry token_type private_key_id api_key_ids
    passenger passport compass boarding_pass password_policy password_min_length
    has_password is_secret use_token secretary_id secretariat
    pin_code pincode pinned is_pinned spinach attendance_kiosk_use_pin
    author author_id authorized_by authorization_date auth_method authority
    pos_session_id session session_ids session_count cookies_bar website_cookies_bar
    credentials_count totp_enabled hotpot iban acc_number name id default_code
    password.name token.id
""".split()
    + ["", ".", "_", "1920", "รหัส", " "]
)


class TestSensitiveNames(BaseCase):
    def test_a_secret_is_known_by_its_name(self):
        for name in SECRETS:
            with self.subTest(name=name):
                self.assertIn(name, DEFAULT)

    def test_a_near_miss_is_left_alone(self):
        for name in HARMLESS:
            with self.subTest(name=name):
                self.assertNotIn(name, DEFAULT)

    def test_a_session_is_a_secret_as_text_only(self):
        self.assertIs(DEFAULT.secret_type("session_id"), str)
        self.assertIs(DEFAULT.secret_type("access_token"), object)
        self.assertIsNone(DEFAULT.secret_type("pos_session_id"))

    def test_a_name_of_any_length_is_judged_by_its_end(self):
        self.assertIn("x" * 1_000_000 + "_password", DEFAULT)
        self.assertNotIn("password_" + "x" * 1_000_000, DEFAULT)

    def test_further_names_are_folded_alike(self):
        names = SensitiveNames(extra=frozenset({"X-National ID", "iban"}))
        for name in (
            "x_national_id",
            "xNationalId",
            "IBAN",
            "bank_id.iban",
            "password",
        ):
            with self.subTest(name=name):
                self.assertIn(name, names)
        for name in ("national_id", "iban_bank", "x_national"):
            with self.subTest(name=name):
                self.assertNotIn(name, names)
