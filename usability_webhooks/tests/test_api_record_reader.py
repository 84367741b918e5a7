# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Records read into plain values, nested to any depth."""

from __future__ import annotations

from odoo.tests import new_test_user, tagged

from .common import ApiCase


@tagged("post_install", "-at_install")
class TestApiRecordReader(ApiCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.tags = cls.env["res.partner.category"].create(
            [{"name": "R one"}, {"name": "R two"}]
        )
        cls.partner = cls.env["res.partner"].create(
            {
                "name": "Reader",
                "ref": "READ",
                "is_company": True,
                "country_id": cls.env.ref("base.es").id,
                "category_id": [(6, 0, cls.tags.ids)],
                "child_ids": [
                    (0, 0, {"name": "Zoe", "color": 1}),
                    (0, 0, {"name": "Anna", "color": 2}),
                ],
            }
        )

    # pylint: disable-next=method-required-super
    def read(self, *names: str, records=None, user=None, **payload) -> list[dict]:
        """Search the class's partner, or ``records``, and return the result."""
        records = records or self.partner
        payload = {
            "search_field": list(names),
            "search_domain": [["id", "in", records.ids]],
            **payload,
        }
        answer = self.perform(
            "search_data", records._name, {"payload": payload}, user=user
        )
        return self.assertSuccess(answer)

    # -- the 18.0 form --------------------------------------------------------

    def test_the_form_of_18_0(self) -> None:
        spain, children = self.env.ref("base.es"), self.partner.child_ids
        row = self.read(
            "name",
            "vat",
            "color",
            "active",
            "country_id",
            "state_id",
            "child_ids",
            "create_date",
            "category_id",
            "country_id{code}",
            "state_id{code}",
        )[0]
        self.assertEqual(
            row,
            {
                "id": self.partner.id,
                "name": "Reader",
                "vat": False,
                "color": 0,
                "active": True,
                "country_id": [{"id": spain.id, "code": "ES"}],
                "state_id": [],
                "child_ids": children.ids,
                "create_date": self.partner.create_date.strftime("%Y-%m-%d %H:%M:%S"),
                "category_id": self.partner.category_id.ids,
            },
        )
        row = self.read("country_id", "state_id")[0]
        self.assertEqual(row["country_id"], [spain.id, spain.display_name])
        self.assertIs(row["state_id"], False)

    def test_expanded_lines_keep_the_models_order(self) -> None:
        lines = self.read("child_ids{name}")[0]["child_ids"]
        children = self.partner.child_ids
        self.assertEqual(
            lines, [{"id": child.id, "name": child.name} for child in children]
        )
        self.assertEqual([line["name"] for line in lines], ["Anna", "Zoe"])

    def test_braces_go_to_any_depth(self) -> None:
        row = self.read("child_ids{parent_id{country_id{currency_id{name}}}}")[0]
        for line in row["child_ids"]:
            currency = line["parent_id"][0]["country_id"][0]["currency_id"][0]
            self.assertEqual(currency["name"], "EUR")
            self.assertIn("id", currency)

    def test_empty_braces_are_the_ids_alone(self) -> None:
        row = self.read("child_ids{}")[0]
        expected = [{"id": child.id} for child in self.partner.child_ids]
        self.assertEqual(row["child_ids"], expected)

    # -- the plain form -------------------------------------------------------

    def test_the_plain_form(self) -> None:
        row = self.read(
            "vat",
            "color",
            "active",
            "country_id{code, create_date}",
            "state_id{code}",
            "parent_id",
            "child_ids{vat}",
            "write_date",
            format="plain",
        )[0]
        self.assertIsNone(row["vat"])
        self.assertIsNone(row["parent_id"])
        self.assertIsNone(row["state_id"])
        self.assertEqual((row["color"], row["active"]), (0, True))
        self.assertEqual(row["country_id"]["code"], "ES")
        self.assertEqual([line["vat"] for line in row["child_ids"]], [None, None])
        written = self.partner.write_date.isoformat()
        self.assertEqual(row["write_date"], f"{written}Z")
        self.assertRegex(row["country_id"]["create_date"], r"^\d{4}-\d\d-\d\dT.*Z$")

    # -- what may be read -----------------------------------------------------

    def test_no_field_means_all_the_caller_may_read_but_binaries(self) -> None:
        user = new_test_user(self.env, "reads_all", "base.group_user")
        self.patch(
            self.env["res.partner"]._fields["barcode"], "groups", "base.group_system"
        )
        row = self.read(user=user)[0]
        fields = self.env["res.partner"]._fields
        self.assertEqual((row["id"], row["name"]), (self.partner.id, "Reader"))
        self.assertNotIn("barcode", row)
        binaries = [name for name in row if fields[name].type in ("binary", "image")]
        self.assertEqual(binaries, [])
        readable = {
            name
            for name, field in fields.items()
            if field.type not in ("binary", "image")
            and self.env(user=user)["res.partner"]._has_field_access(field, "read")
        }
        # But for what only turns out to be forbidden when it is read.
        searched = {
            name
            for name in readable
            if not fields[name].store or fields[name].type in ("one2many", "many2many")
        }
        self.assertEqual(set(row) - searched, readable - searched)
        self.assertLessEqual(set(row), readable)
        self.assertIn("child_ids", row)

    def test_lines_the_caller_may_not_read_do_not_hide_the_rest(self) -> None:
        self.env["ir.model.access"].search(
            [("model_id.model", "=", "res.partner.category")]
        ).unlink()
        user = new_test_user(self.env, "no_tags", "base.group_user")
        row = self.read(user=user)[0]
        self.assertEqual((row["name"], row["ref"]), ("Reader", "READ"))
        self.assertNotIn("category_id", row)

    def test_a_binary_is_read_when_it_is_named(self) -> None:
        attachment = self.env["ir.attachment"].create({"name": "a", "raw": b"content"})
        row = self.read("datas", records=attachment)[0]
        self.assertEqual(row["datas"], "Y29udGVudA==")

    def test_forbidden_and_unknown_fields_are_all_reported(self) -> None:
        user = new_test_user(self.env, "reads_some", "base.group_user")
        self.patch(
            self.env["res.partner"]._fields["barcode"], "groups", "base.group_system"
        )
        names = ["barcode", "nmae", "name{x}", "child_ids{parent_id{barcode, foo}}"]
        answer = self.perform(
            "search_data",
            "res.partner",
            {"payload": {"search_field": names}},
            user=user,
        )
        self.assertFalse(answer["is_success"])
        self.assertEqual(
            {(error["code"], error["field"]) for error in answer["errors"]},
            {
                ("field_denied", "barcode"),
                ("unknown_field", "nmae"),
                ("unknown_field", "name"),
                ("field_denied", "child_ids.parent_id.barcode"),
                ("unknown_field", "child_ids.parent_id.foo"),
            },
        )

    def test_a_record_the_caller_may_not_read_is_left_out_of_an_expansion(self) -> None:
        hidden = self.partner.child_ids[0]
        user = new_test_user(self.env, "half_blind", "base.group_user")
        self.env["ir.rule"].create(
            {
                "name": "hide one",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "domain_force": f"[('id', '!=', {hidden.id})]",
            }
        )
        row = self.read("child_ids{name}", user=user)[0]
        self.assertEqual([line["name"] for line in row["child_ids"]], ["Zoe"])
        grandchild = self.env["res.partner"].create(
            {"name": "c", "parent_id": hidden.id}
        )
        row = self.read("parent_id{name}", records=grandchild, user=user)[0]
        self.assertEqual(row["parent_id"], [])
        row = self.read("parent_id{}", records=grandchild, user=user, format="plain")[0]
        self.assertIsNone(row["parent_id"])

    def test_archived_lines_are_read_where_they_were_asked_for(self) -> None:
        parent = self.tags[0]
        archived, kept = self.env["res.partner.category"].create(
            [
                {"name": "archived", "parent_id": parent.id, "active": False},
                {"name": "kept", "parent_id": parent.id},
            ]
        )
        row = self.read("child_ids{name}", records=parent)[0]
        self.assertEqual([line["id"] for line in row["child_ids"]], kept.ids)
        row = self.read("child_ids{name}", records=parent, include_archived=True)[0]
        names = [line["name"] for line in row["child_ids"]]
        self.assertEqual(names, ["archived", "kept"])
        # What a record names itself is named, archived or not.
        low = self.env["res.partner.category"].create(
            {"name": "low", "parent_id": archived.id}
        )
        row = self.read("parent_id{name}", records=low)[0]
        self.assertEqual(row["parent_id"], [{"id": archived.id, "name": "archived"}])

    # -- references -----------------------------------------------------------

    def make_menus(self, count: int):
        action = self.env.ref("base.action_partner_form")
        return self.env["ir.ui.menu"].create(
            [
                {"name": f"M{index}", "action": f"{action._name},{action.id}"}
                for index in range(count)
            ]
        )

    def test_a_reference_is_expanded_by_the_model_it_names(self) -> None:
        action = self.env.ref("base.action_partner_form")
        with_action = self.make_menus(1)
        without = self.env["ir.ui.menu"].create({"name": "no action"})
        menus = with_action | without
        by_id = {row["id"]: row for row in self.read("action{name}", records=menus)}
        self.assertEqual(
            by_id[with_action.id]["action"], [{"id": action.id, "name": action.name}]
        )
        self.assertEqual(by_id[without.id]["action"], [])
        row = self.read("action", records=with_action)[0]
        self.assertEqual(row["action"], f"{action._name},{action.id}")

    def make_server_actions(self, partners):
        return self.env["ir.actions.server"].create(
            [
                {
                    "name": partner.name,
                    "model_id": self.env["ir.model"]._get_id("res.partner"),
                    "state": "object_write",
                    "resource_ref": f"res.partner,{partner.id}",
                }
                for partner in partners
            ]
        )

    def test_a_reference_to_what_is_gone_is_empty(self) -> None:
        children = self.partner.child_ids
        actions = self.make_server_actions(children)
        gone, kept = actions
        kept_id = children[1].id
        children[0].unlink()
        by_id = {
            row["id"]: row["resource_ref"]
            for row in self.read("resource_ref{name}", records=actions)
        }
        self.assertEqual(by_id[gone.id], [])
        self.assertEqual(by_id[kept.id], [{"id": kept_id, "name": "Zoe"}])

    def test_a_field_the_referred_model_lacks_is_refused(self) -> None:
        menu = self.make_menus(1)
        payload = {
            "search_field": ["action{nmae}"],
            "search_domain": [["id", "=", menu.id]],
        }
        answer = self.perform("search_data", "ir.ui.menu", {"payload": payload})
        error = self.assertFailure(answer, "unknown_field")
        self.assertEqual(error["field"], "action.nmae")

    # -- cost -----------------------------------------------------------------

    def count_queries(self, records, *names: str) -> int:
        self.read(*names, records=records)  # warm the caches
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self.read(*names, records=records)
        return self.env.cr.sql_log_count - before

    def test_queries_grow_with_the_depth_not_with_the_records(self) -> None:
        partners = self.env["res.partner"].create(
            [
                {
                    "name": f"Q{index}",
                    "country_id": self.env.ref("base.es").id,
                    "child_ids": [(0, 0, {"name": f"C{index}"})] * 2,
                }
                for index in range(50)
            ]
        )
        spec = "child_ids{name, parent_id{name, country_id{code}}}"
        few = self.count_queries(partners[:5], "name", spec)
        many = self.count_queries(partners, "name", spec)
        self.assertEqual(few, many)
        shallow = self.count_queries(partners, "name")
        self.assertLess(shallow, many)

    def test_queries_of_references_do_not_grow_with_the_records(self) -> None:
        partners = self.env["res.partner"].create(
            [{"name": f"Q{index}"} for index in range(50)]
        )
        actions = self.make_server_actions(partners)
        few = self.count_queries(actions[:5], "name", "resource_ref{name}")
        many = self.count_queries(actions, "name", "resource_ref{name}")
        self.assertEqual(few, many)
