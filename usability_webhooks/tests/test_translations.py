# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""One value in several languages, in one write."""

from __future__ import annotations

from unittest.mock import patch

from odoo.tests import new_test_user, tagged

from .common import ApiCase, ApiHttpCase, requires


class TranslationCase(ApiCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        for code in ("th_TH", "fr_FR"):
            cls.env["res.lang"]._activate_lang(code)

    def perform_create(self, model: str, **payload) -> dict:
        vals = {"payload": payload, "auto_create": payload.pop("auto_create", {})}
        return self.perform("create_data", model, vals)

    def made(self, model: str, **payload):
        answer = self.perform_create(model, **payload)
        return self.env[model].browse(self.assertSuccess(answer)["id"])

    def upsert(self, record, context: dict | None = None, **payload) -> str:
        vals = {"search_key": {"id": record.id}, "payload": payload}
        vals["context"] = context or {}
        answer = self.perform("create_update_data", record._name, vals)
        return self.assertSuccess(answer)["operation"]

    def assertNames(self, record, field: str = "name", **by_lang: str) -> None:
        self.env.flush_all()
        self.env.invalidate_all()
        for code, text in by_lang.items():
            self.assertEqual(record.with_context(lang=code)[field], text, code)

    def errors_of(self, answer: dict) -> list[tuple[str, str]]:
        self.assertFalse(answer["is_success"], answer)
        return [(error["path"], error["code"]) for error in answer["errors"]]


@tagged("post_install", "-at_install")
class TestTranslations(TranslationCase):
    NAMES = {"en_US": "Steel", "th_TH": "เหล็ก", "fr_FR": "Acier"}

    def test_a_record_is_made_in_all_its_languages(self) -> None:
        record = self.made("res.partner.category", name=self.NAMES)
        self.assertNames(record, **self.NAMES)

    def test_the_callers_language_is_one_of_them(self) -> None:
        vals = {"payload": {"name": self.NAMES}, "context": {"lang": "th_TH"}}
        answer = self.perform("create_data", "res.partner.category", vals)
        record_id = self.assertSuccess(answer)["id"]
        record = self.env["res.partner.category"].browse(record_id)
        self.assertNames(record, **self.NAMES)
        names = {"en_US": "Iron", "th_TH": "ธาตุเหล็ก"}
        self.assertEqual(self.upsert(record, {"lang": "th_TH"}, name=names), "updated")
        self.assertNames(record, **names, fr_FR="Acier")

    def test_languages_not_named_keep_what_they_have(self) -> None:
        record = self.made("res.partner.category", name=self.NAMES)
        self.assertEqual(self.upsert(record, name={"fr_FR": "Fer"}), "updated")
        self.assertNames(record, **self.NAMES | {"fr_FR": "Fer"})
        self.assertEqual(self.upsert(record, name="Iron"), "updated")
        self.assertNames(record, en_US="Iron", th_TH="เหล็ก", fr_FR="Fer")

    def test_what_every_language_has_already_is_unchanged(self) -> None:
        record = self.made("res.partner.category", name=self.NAMES)
        self.env.invalidate_all()
        model = type(record)
        with patch.object(model, "write", autospec=True) as write:
            self.assertEqual(self.upsert(record, name=self.NAMES), "unchanged")
        write.assert_not_called()
        for code in self.NAMES:
            names = self.NAMES | {code: "other"}
            self.assertEqual(self.upsert(record, name=names), "updated")
            self.assertNames(record, **names)
            self.upsert(record, name=self.NAMES)

    def test_a_plain_text_and_null_are_taken_as_ever(self) -> None:
        record = self.made("res.partner.category", name="Plain")
        self.assertNames(record, en_US="Plain", th_TH="Plain")

    def test_a_language_is_checked(self) -> None:
        answer = self.perform_create(
            "res.partner.category",
            name={"en_US": 5, "de_DE": "Stahl", "th": "x", "fr_FR": None},
        )
        self.assertEqual(
            self.errors_of(answer),
            [
                (f"payload.name.{code}", "invalid_value")
                for code in ("en_US", "de_DE", "th", "fr_FR")
            ],
        )
        self.assertIn("th_TH", answer["errors"][1]["hint"])
        answer = self.perform_create("res.partner.category", name={})
        self.assertEqual(self.errors_of(answer), [("payload.name", "invalid_value")])

    def test_a_field_that_is_not_translated_takes_no_languages(self) -> None:
        answer = self.perform_create("res.partner", name=self.NAMES)
        self.assertEqual(self.errors_of(answer), [("payload.name", "invalid_value")])

    def test_lines_are_translated_on_create_replace_and_merge(self) -> None:
        def attribute(*names: dict, **value) -> dict:
            return value | {"records": [{"name": name, "color": 1} for name in names]}

        other = {"en_US": "Wood", "th_TH": "ไม้"}
        parent = self.made(
            "res.partner.category",
            name={"en_US": "Materials", "th_TH": "วัสดุ"},
            child_ids=attribute(self.NAMES, other, mode="add"),
        )
        self.assertNames(parent, en_US="Materials", th_TH="วัสดุ")
        steel, wood = parent.child_ids.sorted("id")
        self.assertNames(steel, **self.NAMES)
        self.assertNames(wood, **other)
        names = self.NAMES | {"fr_FR": "Fer"}
        merge = attribute(names, other, {"en_US": "Glass", "th_TH": "แก้ว"})
        merge |= {"mode": "merge", "key": ["name"]}
        self.assertEqual(self.upsert(parent, child_ids=merge), "updated")
        self.assertNames(steel, **names)
        glass = parent.child_ids - steel - wood
        self.assertNames(glass, en_US="Glass", th_TH="แก้ว")
        self.assertEqual(self.upsert(parent, child_ids=merge), "unchanged")
        lines = attribute(self.NAMES)["records"]
        self.assertEqual(self.upsert(parent, child_ids=lines), "updated")
        self.assertNames(parent.child_ids, **self.NAMES)

    def test_what_is_made_automatically_is_translated(self) -> None:
        record = self.made(
            "res.partner",
            name="x",
            category_id=[{"name": "Steel"}],
            auto_create={"category_id": {"name": self.NAMES, "color": 4}},
        )
        self.assertNames(record.category_id, **self.NAMES)

    def test_several_records_are_written_at_once(self) -> None:
        records = self.made("res.partner.category", name="One")
        records |= self.made("res.partner.category", name="Two")
        vals = {
            "search_key": {"id": records.ids},
            "payload": {"name": {"en_US": "Both", "th_TH": "ทั้งสอง"}},
        }
        self.assertSuccess(self.perform("update_data", records._name, vals))
        for record in records:
            self.assertNames(record, en_US="Both", th_TH="ทั้งสอง")

    def test_a_record_one_may_not_write_is_not_translated(self) -> None:
        record = self.made("res.partner.category", name="Steel")
        user = new_test_user(self.env, "translator", "base.group_user")
        vals = {"search_key": {"id": record.id}, "payload": {"name": self.NAMES}}
        answer = self.perform("update_data", record._name, vals, user)
        self.assertFailure(answer, "access_denied")
        self.assertNames(record, th_TH="Steel")

    def test_all_languages_of_many_lines_are_stored_together(self) -> None:
        def count(size: int) -> int:
            lines = [
                {"name": {"en_US": f"L{n}", "th_TH": f"T{n}", "fr_FR": f"F{n}"}}
                for n in range(size)
            ]
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.made("res.partner.category", name="Parent", child_ids=lines)
            return self.env.cr.sql_log_count - before

        count(2)
        self.assertLessEqual(count(50) - count(5), 5)


@tagged("post_install", "-at_install")
class TestTranslatedMarkup(TranslationCase):
    """Html is translated term by term: one markup, the words in each language."""

    HELP = {
        "en_US": "<p>Hello <b>world</b></p><p>Good bye</p>",
        "th_TH": "<p>สวัสดี <b>โลก</b></p><p>ลาก่อน</p>",
        "fr_FR": "<p>Bonjour <b>monde</b></p><p>Au revoir</p>",
    }

    def made_action(self, help_text: object, **context: str):
        payload = {"name": "Act", "res_model": "res.partner", "help": help_text}
        vals = {"payload": payload, "context": context}
        answer = self.perform("create_data", "ir.actions.act_window", vals)
        record_id = self.assertSuccess(answer)["id"]
        return self.env["ir.actions.act_window"].browse(record_id)

    def test_markup_is_made_in_all_its_languages(self) -> None:
        for lang in (*self.HELP, "en_US"):
            with self.subTest(lang=lang):
                action = self.made_action(self.HELP, lang=lang)
                self.assertNames(action, "help", **self.HELP)

    def test_markup_without_the_callers_language(self) -> None:
        said = {code: self.HELP[code] for code in ("th_TH", "fr_FR")}
        action = self.made_action(said, lang="en_US")
        self.assertNames(action, "help", **said)

    def test_markup_is_changed_in_some_languages(self) -> None:
        action = self.made_action(self.HELP)
        said = {"fr_FR": self.HELP["fr_FR"].replace("Bonjour", "Salut")}
        self.assertEqual(self.upsert(action, help=said), "updated")
        self.assertNames(action, "help", **self.HELP | said)
        self.assertEqual(self.upsert(action, help=self.HELP | said), "unchanged")
        said = {code: f"<div>{text}</div>" for code, text in self.HELP.items()}
        for context in ({}, {"lang": "fr_FR"}):
            self.upsert(action, context, help=said)
            self.assertNames(action, "help", **said)

    def test_an_empty_field_is_filled(self) -> None:
        action = self.made_action(None)
        said = {code: self.HELP[code] for code in ("th_TH", "fr_FR")}
        self.assertEqual(self.upsert(action, help=said), "updated")
        self.assertNames(action, "help", **said)

    def test_another_markup_is_refused_and_nothing_is_written(self) -> None:
        action = self.made_action(self.HELP)
        other = {"th_TH": "<p>สวัสดี</p>"}
        for said in (other, self.HELP | other):
            vals = {"search_key": {"id": action.id}}
            vals["payload"] = {"name": "Changed", "help": said}
            answer = self.perform("update_data", action._name, vals)
            self.assertEqual(
                self.errors_of(answer), [("payload.help.th_TH", "invalid_value")]
            )
            self.assertNames(action, "help", **self.HELP)
            self.assertEqual(action.name, "Act")

    def test_the_models_own_write_is_asked(self) -> None:
        action = self.made_action(self.HELP)
        languages = []
        original = type(action).write

        def write(records, vals):
            if "help" in vals:
                languages.append(records.env.lang)
            return original(records, vals)

        self.patch(type(action), "write", write)
        said = {"fr_FR": self.HELP["fr_FR"].replace("Bonjour", "Salut")}
        self.upsert(action, help=said)
        self.assertTrue(languages)


@tagged("post_install", "-at_install")
@requires("product.template", "sale.order")
class TestTranslatedProduct(TranslationCase):
    """Values of the template behind a variant, which is where they are stored."""

    def test_a_variant_is_made_and_changed(self) -> None:
        names = {"en_US": "Chair", "th_TH": "เก้าอี้", "fr_FR": "Chaise"}
        sale = {"en_US": "A chair", "th_TH": "เก้าอี้ตัวหนึ่ง"}
        record = self.made("product.product", name=names, description_sale=sale)
        self.assertNames(record.product_tmpl_id, **names)
        self.assertNames(record, "description_sale", **sale)
        names["th_TH"] = "ม้านั่ง"
        self.assertEqual(self.upsert(record, name=names), "updated")
        self.assertNames(record, **names)
        self.assertEqual(
            self.upsert(record, name=names, description_sale=sale), "unchanged"
        )


@tagged("post_install", "-at_install")
class TestTranslationsHttp(ApiHttpCase):
    def test_translations_over_the_wire(self) -> None:
        self.env["res.lang"]._activate_lang("th_TH")
        names = {"en_US": "Wire", "th_TH": "ลวด"}
        record_id = self.call_ok(
            "create_data", "res.partner.category", {"payload": {"name": names}}
        )["id"]
        for code, text in names.items():
            result = self.call_ok(
                "search_data",
                "res.partner.category",
                {
                    "payload": {
                        "search_field": ["name"],
                        "search_domain": [["id", "=", record_id]],
                    },
                    "context": {"lang": code},
                },
            )
            self.assertEqual(result[0]["name"], text)
