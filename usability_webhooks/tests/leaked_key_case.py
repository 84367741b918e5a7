# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the attacker with a leaked key has before him, and what he must not see."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection

from odoo.fields import Command
from odoo.tools import SQL

from .common import ApiHttpCase, make_key, make_narrow_key, make_profile, requires

#: The answers to who names what the profile does not.
DENIED = ("access_denied", "field_denied")
UNKNOWN = ("unknown_model",)
#: Never sent by the attacker, so wherever one of them is read, it leaked.
SECRETS = {
    "bank account": "SEKRIT49120500001234",
    "cost price": "71393.17",
    "internal note": "SEKRIT-owes-us-money",
    "order note": "SEKRIT-call-before-noon",
    "partner of the other company": "SEKRIT-other-company-customer",
    "tag": "SEKRIT-tag-bad-payer",
    "parent": "SEKRIT-holding",
    "parameter": "SEKRIT-parameter-value",
    "file": "SEKRIT-file-content",
    "archived": "SEKRIT-archived-customer",
}
#: No record of any model has it.
NO_ID = 2_000_000_011
PROFILE = {
    "sale.order": {
        "may_create": True,
        "may_update": True,
        "may_call": True,
        "methods": "action_confirm",
        "readable": [
            *("name", "state", "amount_total", "partner_id", "order_line"),
            *("client_order_ref", "display_name"),
        ],
        "writable": ["partner_id", "order_line", "client_order_ref", "note"],
    },
    "sale.order.line": {
        "may_create": True,
        "readable": ["product_id", "product_uom_qty", "price_unit", "name"],
        "writable": ["product_id", "product_uom_qty", "name"],
    },
    "res.partner": {
        "may_create": True,
        "may_update": True,
        "readable": ["name", "ref", "email", "country_id", "display_name"],
        "writable": ["name", "ref", "email", "country_id", "child_ids"],
    },
    "product.product": {
        "readable": ["name", "default_code", "list_price", "display_name"],
        "writable": [],
    },
    "res.country": {"readable": ["code", "name"], "writable": []},
}
#: Much more than the profile: the key must be less than its user.
GROUPS = (
    "sales_team.group_sale_manager",
    "account.group_account_manager",
    "base.group_partner_manager",
    "base.group_multi_company",
)


def search(domain: object = None, **payload: object) -> dict:
    """Return the ``vals`` of a search, for the ids alone unless told otherwise."""
    if domain is not None:
        payload["search_domain"] = domain
    return {"payload": {"search_field": ["id"], **payload}}


@requires("sale.order", "account.move")
class LeakedKeyCase(ApiHttpCase):
    """Holds the key of a web shop, whose user may do nearly everything.

    Every answer any request of the class gets is kept, headers and all, and
    searched for the secrets at the end of each test.
    """

    #: Tables a key of this profile would most like to change.
    WATCHED = (
        *("res_partner", "res_partner_bank", "res_partner_category", "res_users"),
        *("res_partner_res_partner_category_rel", "res_company", "ir_attachment"),
        *("sale_order", "sale_order_line", "product_template", "product_product"),
        *("account_move", "ir_config_parameter", "res_users_apikeys", "res_country"),
        *("res_groups_users_rel", "crm_tag"),
    )
    #: Too large to be looked at row by row: new and missing rows only.
    COUNTED = ("mail_message", "ir_model_data")
    _fingerprint: tuple[list, list] | None = None

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.answers: list[str] = []
        cls.user.group_ids += cls.env["res.groups"].union(*map(cls.env.ref, GROUPS))
        cls.make_records()
        cls.make_order()
        cls.profile = cls.make_web_shop()
        cls.full_key = cls.key
        cls.key = make_narrow_key(cls.user, cls.profile)
        cls.other_key = make_key(cls.user, "the same user's plain key")

    @classmethod
    def make_records(cls) -> None:
        env = cls.env
        env["ir.config_parameter"].set_param("attack", SECRETS["parameter"])
        cls.company = env.company
        cls.branch, cls.foreign = env["res.company"].create(
            [{"name": "Own Second Company"}, {"name": "Company of Others"}]
        )
        cls.user.company_ids += cls.branch
        cls.tag = env["res.partner.category"].create({"name": SECRETS["tag"]})
        partners = env["res.partner"]
        cls.parent = partners.create({"name": SECRETS["parent"], "is_company": True})
        cls.customer, cls.other_customer, cls.archived = partners.create(
            [
                {
                    "name": "Web Customer",
                    "ref": "WEB-1",
                    "email": "web@example.com",
                    "comment": SECRETS["internal note"],
                    "vat": "XX-VAT-4711",
                    "company_registry": "REG-4711",
                    "category_id": [Command.set(cls.tag.ids)],
                },
                {
                    "name": SECRETS["partner of the other company"],
                    "ref": "FOREIGN-1",
                    "company_id": cls.branch.id,
                },
                {"name": SECRETS["archived"], "ref": "GONE-1", "active": False},
            ]
        )
        cls.child = partners.create(
            {"name": "Web Contact", "ref": "WEB-2", "parent_id": cls.parent.id}
        )
        cls.bank = env["res.partner.bank"].create(
            {"acc_number": SECRETS["bank account"], "partner_id": cls.customer.id}
        )
        cls.attachment = env["ir.attachment"].create(
            {"name": "secret.txt", "raw": SECRETS["file"].encode()}
        )

    @classmethod
    def make_order(cls) -> None:
        cls.product = cls.env["product.product"].create(
            {
                "name": "Web Mug",
                "default_code": "MUG",
                "list_price": 12.0,
                "standard_price": float(SECRETS["cost price"]),
                "barcode": "BARCODE-4711",
            }
        )
        cls.order = cls.env["sale.order"].create(
            {
                "partner_id": cls.customer.id,
                "client_order_ref": "SHOP-1",
                "note": SECRETS["order note"],
                "order_line": [Command.create({"product_id": cls.product.id})],
            }
        )

    @classmethod
    def make_web_shop(cls, **vals: object):
        """Return the profile "web shop orders" of the tests."""
        routes = {"allow_update_data": False, "company_ids": cls.company.ids}
        models = {name: dict(rule) for name, rule in PROFILE.items()}
        return make_profile(cls.env, "web shop", models, **routes | vals)

    def make_other_key(self, name: str, models: dict, **vals: object) -> str:
        """Return a key of the same user with another profile."""
        vals.setdefault("company_ids", self.company.ids)
        profile = make_profile(self.env, name, models, **vals)
        return make_narrow_key(self.user, profile, name)

    def setUp(self) -> None:
        super().setUp()
        self.addCleanup(self.assertNoSecrets)

    def assertNoSecrets(self) -> None:
        """Check that no answer of the whole class so far holds a secret."""
        for what, secret in SECRETS.items():
            for answer in self.answers:
                if secret in answer:
                    self.fail(f"the {what} leaked: {answer[:1000]}")

    def url_open(self, *args: object, **kwargs: object):
        response = super().url_open(*args, **kwargs)
        said = f"{response.status_code} {dict(response.headers)} {response.text}"
        self.answers.append(said)
        return response

    # -- nothing was written ----------------------------------------------------

    def take_fingerprint(self) -> list[tuple]:
        """Return a digest of every row of the watched tables.

        The last one, where PostgreSQL has counted no change of a row since: hashing
        all of them twice a request took most of the time of these tests.
        """
        self.env.flush_all()
        changes = self.count_changes()
        if self._fingerprint is None or self._fingerprint[0] != changes:
            self._fingerprint = (changes, self.read_fingerprint())
        return self._fingerprint[1]

    def count_changes(self) -> list[tuple]:
        """Return how many rows of each table this transaction has touched, those of
        rolled back savepoints among them; the server's requests are in it, too."""
        counted = SQL(" + ").join(
            SQL("%s(oid)", SQL.identifier(f"pg_stat_get_xact_tuples_{what}"))
            for what in ("inserted", "updated", "deleted")
        )
        tables = [*self.WATCHED, *self.COUNTED]
        return self.env.execute_query(
            SQL(
                "SELECT relname, %s FROM pg_class WHERE oid = ANY(%s::regclass[])"
                " ORDER BY relname",
                counted,
                tables,
            )
        )

    def read_fingerprint(self) -> list[tuple]:
        digest = SQL("md5(string_agg(t::text, '|' ORDER BY t::text))")
        parts = [
            *((table, digest) for table in self.WATCHED),
            *((table, SQL("max(id)::text")) for table in self.COUNTED),
        ]
        queries = [
            SQL("SELECT %s, count(*), %s FROM %s t", table, what, SQL.identifier(table))
            for table, what in parts
        ]
        return self.env.execute_query(SQL(" UNION ALL ").join(queries))

    def attack(
        self, route: str, model: str, vals: dict, headers: dict | None = None
    ) -> dict:
        """Send what must write nothing; return its envelope."""
        before = self.take_fingerprint()
        status, answer = self.call(route, model, vals, headers)
        self.env.invalidate_all()
        self.assertEqual(self.take_fingerprint(), before, "something was written")
        self.assertEqual(status, 200, answer)
        self.assertNotIn("Traceback", json.dumps(answer))
        return answer["result"]

    # -- what is said -----------------------------------------------------------

    # pylint: disable-next=too-many-arguments
    def assertDenied(
        self,
        route: str,
        model: str,
        vals: dict,
        codes: Collection[str] = DENIED,
        headers: dict | None = None,
    ) -> dict:
        """Check that a request is refused for these reasons and no others: a
        ``not_found`` beside a ``field_denied`` is an answer after all."""
        answer = self.attack(route, model, vals, headers)
        self.assertFalse(answer["is_success"], answer)
        self.assertNotIn("result", answer)
        found = {error["code"] for error in answer["errors"]}
        self.assertTrue(found and found <= set(codes), answer)
        for error in answer["errors"]:
            self.assertNotIn("candidates", error)
            self.assertHintWithin(error)
        return answer

    def assertHintWithin(self, error: dict) -> None:
        """Check that a hint names no field the profile does not."""
        rule = PROFILE.get(error.get("model"), {})
        listed = {*rule.get("readable", ()), *rule.get("writable", ()), "id"}
        named = set(re.findall(r"\w+", error.get("hint") or ""))
        model = self.env.get(error.get("model"))
        fields = set(model._fields) if model is not None else set()
        self.assertFalse(named & fields - listed, error)

    # pylint: disable-next=too-many-arguments
    def assertBlind(
        self,
        route: str,
        model: str,
        make_vals: Callable[[object], dict],
        guesses: tuple[object, object],
        headers: dict | None = None,
    ) -> dict:
        """Check that a right guess and a wrong one are answered alike.

        :returns: the answer to the right one.
        """
        answers = [
            self.attack(route, model, make_vals(guess), headers) for guess in guesses
        ]
        self.assertEqual(*map(self.strip, answers, guesses))
        return answers[0]

    def strip(self, answer: dict, guess: object) -> str:
        """Return an answer without what differs in any two: id and own words."""
        text = json.dumps({**answer, "request_id": ""}, sort_keys=True)
        return re.sub(rf"(?<!\w){re.escape(str(guess))}(?!\w)", "?", text)
