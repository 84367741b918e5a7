# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Lines and links: what a payload does to the relations of a record."""

from __future__ import annotations

from odoo.tests import tagged

from .common import ApiCase


@tagged("post_install", "-at_install")
class TestApiPayloadResolver(ApiCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        categories = cls.env["res.partner.category"]
        cls.tags = categories.create([{"name": f"tag {letter}"} for letter in "ABC"])
        cls.env["ir.model.data"]._update_xmlids(
            [{"xml_id": "usability_webhooks.test_tag_c", "record": cls.tags[2]}]
        )
        cls.partner = cls.env["res.partner"].create(
            {
                "name": "Resolved",
                "ref": "RESOLVED",
                "category_id": [(6, 0, cls.tags[0].ids)],
                "child_ids": [
                    (0, 0, {"name": "first", "ref": "1"}),
                    (0, 0, {"name": "second", "ref": "2"}),
                ],
            }
        )

    def update(self, **payload) -> dict:
        vals = {"search_key": {"ref": "RESOLVED"}, "payload": payload}
        return self.perform("update_data", "res.partner", vals)

    # -- many2one -------------------------------------------------------------

    def test_a_many2one_takes_a_lookup_an_id_or_an_xml_id(self) -> None:
        spain = self.env.ref("base.es")
        for value in (
            {"code": "ES"},
            {"id": spain.id},
            {"xml_id": "base.es"},
            spain.id,
        ):
            with self.subTest(value=value):
                self.partner.country_id = False
                self.assertSuccess(self.update(country_id=value))
                self.assertEqual(self.partner.country_id, spain)

    def test_a_state_is_found_by_its_code_within_its_country(self) -> None:
        value = {"code": "AV", "country_id": {"code": "ES"}}
        self.assertSuccess(self.update(state_id=value))
        self.assertEqual(self.partner.state_id, self.env.ref("base.state_es_av"))
        self.assertSuccess(
            self.update(state_id={"code": "AV", "country_id.code": "ES"})
        )
        self.assertEqual(self.partner.state_id.country_id.code, "ES")

    def test_a_many2one_that_is_no_lookup_is_refused(self) -> None:
        for value in ("ES", [1], {}, True, 1.5, {"xml_id": "base.th.x"}):
            with self.subTest(value=value):
                error = self.assertFailure(
                    self.update(country_id=value),
                    "not_found"
                    if isinstance(value, dict) and value
                    else "invalid_value",
                    "payload.country_id",
                )
                # Of a lookup that found nothing, the key it was looked up by.
                named = "xml_id" if "xml_id" in str(value) else "country_id"
                self.assertEqual(error["field"], named)
        self.assertFalse(self.partner.country_id)

    def test_an_id_of_no_record_is_not_found(self) -> None:
        for value in (2**31 - 1, {"id": 2**31 - 1}, -1):
            with self.subTest(value=value):
                answer = self.update(country_id=value)
                self.assertFailure(answer, "not_found", "payload.country_id")

    def test_an_xml_id_of_another_model_is_not_found(self) -> None:
        answer = self.update(country_id={"xml_id": "base.EUR"})
        self.assertFailure(answer, "not_found", "payload.country_id")

    # -- many2many ------------------------------------------------------------

    def test_links_are_added_replaced_or_removed(self) -> None:
        first, second, third = self.tags
        by_name = [{"name": second.name}]
        for value, expected in (
            ({"mode": "add", "records": by_name}, first | second),
            ({"mode": "remove", "records": [{"name": first.name}]}, second),
            ({"mode": "replace", "records": [{"name": third.name}]}, third),
            ({"records": by_name}, second),
            ([{"name": first.name}, {"name": third.name}], first | third),
            ([first.id, {"id": second.id}], first | second),
            ([{"xml_id": "usability_webhooks.test_tag_c"}], third),
            ({"mode": "add", "records": []}, third),
            ([], self.tags.browse()),
        ):
            with self.subTest(value=value):
                self.assertSuccess(self.update(category_id=value))
                self.assertEqual(self.partner.category_id, expected)
        self.assertEqual(self.tags.exists(), self.tags)

    def test_a_link_named_twice_is_one_link(self) -> None:
        first = self.tags[0]
        self.assertSuccess(self.update(category_id=[first.id, {"name": first.name}]))
        self.assertEqual(self.partner.category_id, first)

    def test_an_unknown_mode_and_an_unknown_key_are_refused(self) -> None:
        answer = self.update(category_id={"mode": "ad", "records": []})
        self.assertFailure(answer, "invalid_value", "payload.category_id.mode")
        answer = self.update(category_id={"mode": "add", "record": []})
        self.assertFailure(answer, "unknown_key", "payload.category_id.record")
        answer = self.update(category_id={"mode": "add", "records": {"name": "x"}})
        self.assertFailure(answer, "invalid_value", "payload.category_id.records")
        answer = self.update(child_ids={"mode": "remove", "records": []})
        self.assertFailure(answer, "invalid_value", "payload.child_ids.mode")
        self.assertEqual(self.partner.category_id, self.tags[0])

    def test_a_missing_link_in_a_mode_carries_the_index_of_its_record(self) -> None:
        records = [{"name": "tag A"}, {"name": "tag ?"}, {"nmae": "x"}]
        answer = self.update(category_id={"mode": "add", "records": records})
        self.assertEqual(
            {(error["path"], error["code"]) for error in answer["errors"]},
            {
                ("payload.category_id.records[1]", "not_found"),
                ("payload.category_id.records[2]", "unknown_field"),
            },
        )

    # -- one2many -------------------------------------------------------------

    def test_a_list_of_lines_replaces_those_there_are(self) -> None:
        old = self.partner.child_ids
        self.assertSuccess(self.update(child_ids=[{"name": "third", "ref": "3"}]))
        self.assertEqual(self.partner.child_ids.mapped("ref"), ["3"])
        self.assertFalse(old.exists())

    def test_lines_are_added_in_the_mode_add(self) -> None:
        old = self.partner.child_ids
        value = {"mode": "add", "records": [{"name": "third"}]}
        self.assertSuccess(self.update(child_ids=value))
        self.assertEqual(old.exists(), old)
        self.assertEqual(len(self.partner.child_ids), 3)

    def test_an_empty_list_of_lines_deletes_them(self) -> None:
        old = self.partner.child_ids
        self.assertSuccess(self.update(child_ids=[]))
        self.assertFalse(old.exists())

    def test_lines_stay_when_their_replacement_is_refused(self) -> None:
        old = self.partner.child_ids
        answer = self.update(child_ids=[{"name": "x", "country_id": {"code": "QQ"}}])
        self.assertFailure(answer, "not_found", "payload.child_ids[0].country_id")
        self.assertEqual(old.exists(), old)

    def test_replaced_lines_are_each_record_s_own(self) -> None:
        twin = self.partner.copy(
            {"ref": "RESOLVED", "child_ids": [(0, 0, {"name": "t"})]}
        )
        old = self.partner.child_ids | twin.child_ids
        vals = {
            "search_key": {"ref": "RESOLVED"},
            "multi": True,
            "payload": {"child_ids": [{"name": "new"}]},
        }
        result = self.assertSuccess(self.perform("update_data", "res.partner", vals))
        self.assertEqual(set(result["id"]), {self.partner.id, twin.id})
        self.assertFalse(old.exists())
        for partner in self.partner | twin:
            self.assertEqual(partner.child_ids.mapped("name"), ["new"])

    # -- create ---------------------------------------------------------------

    def test_a_list_payload_makes_all_records_in_one_create(self) -> None:
        calls = []
        create = type(self.env["res.partner"]).create

        def counted(model, vals_list):
            calls.append(len(vals_list))
            return create(model, vals_list)

        self.patch(type(self.env["res.partner"]), "create", counted)
        payload = [{"name": f"P{i}", "country_id": {"code": "ES"}} for i in range(7)]
        answer = self.perform("create_data", "res.partner", {"payload": payload})
        ids = [row["id"] for row in self.assertSuccess(answer)]
        self.assertEqual(calls, [7])
        partners = self.env["res.partner"].browse(ids)
        self.assertEqual(partners.mapped("name"), [f"P{i}" for i in range(7)])

    def test_nested_lines_are_made_at_any_depth(self) -> None:
        level: dict = {"name": "depth 4"}
        for depth in (3, 2, 1, 0):
            level = {"name": f"depth {depth}", "child_ids": [level]}
        answer = self.perform("create_data", "res.partner", {"payload": level})
        partner = self.env["res.partner"].browse(self.assertSuccess(answer)["id"])
        for depth in range(5):
            self.assertEqual(partner.name, f"depth {depth}")
            partner = partner.child_ids

    def test_the_callers_payload_is_left_as_it_was(self) -> None:
        payload = {
            "name": "x",
            "category_id": {"mode": "add", "records": [{"name": "tag A"}]},
            "child_ids": [{"name": "y", "country_id": {"xml_id": "base.es"}}],
        }
        before = repr(payload)
        answer = self.perform("create_data", "res.partner", {"payload": payload})
        self.assertSuccess(answer)
        self.assertEqual(repr(payload), before)
