# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Files of a payload: each on the record its own level became."""

from __future__ import annotations

import base64

from odoo.tests import tagged

from .common import ApiCase, requires


def file_of(text: str) -> dict:
    """Return a file as the wire has it: ``<text>.txt``, holding ``text``."""
    return {
        "name": f"{text}.txt",
        "datas": base64.b64encode(text.encode()).decode(),
    }


class AttachmentCase(ApiCase):
    def files_on(self, records) -> list[tuple[int, str, bytes]]:
        """Return ``(res_id, name, content)`` of the files on records."""
        attachments = self.env["ir.attachment"].search(
            [("res_model", "=", records._name), ("res_id", "in", records.ids)],
            order="id",
        )
        return [(file.res_id, file.name, file.raw) for file in attachments]


@tagged("post_install", "-at_install")
class TestApiPayloadAttachment(AttachmentCase):
    def create(self, payload: object, **vals) -> dict:  # pylint: disable=method-required-super
        vals = {"payload": payload, **vals}
        return self.perform("create_data", "res.partner", vals)

    def test_each_file_lands_on_the_record_of_its_own_level(self) -> None:
        # Partners sort by name, the payload does not.
        names = ["Zoe", "Anna", "Mia"]
        lines = [{"name": n, "attachment_ids": [file_of(n)]} for n in names]
        lines.insert(1, {"name": "no file"})
        answer = self.create(
            {"name": "Top", "attachment_ids": [file_of("Top")], "child_ids": lines}
        )
        partner = self.env["res.partner"].browse(self.assertSuccess(answer)["id"])
        self.assertEqual(self.files_on(partner), [(partner.id, "Top.txt", b"Top")])
        for child in partner.child_ids:
            expected = [(child.id, f"{child.name}.txt", child.name.encode())]
            if child.name == "no file":
                expected = []
            self.assertEqual(self.files_on(child), expected)

    def test_files_of_a_list_payload_land_on_their_own_record(self) -> None:
        names = ["Zoe", "Anna", "Mia"]
        answer = self.create(
            [{"name": n, "attachment_ids": [file_of(n)]} for n in names]
        )
        for name, row in zip(names, self.assertSuccess(answer), strict=True):
            record = self.env["res.partner"].browse(row["id"])
            expected = [(record.id, f"{name}.txt", name.encode())]
            self.assertEqual(self.files_on(record), expected)

    def test_a_url_is_a_file_without_content(self) -> None:
        url = "https://example.com/manual.pdf"
        answer = self.create(
            {"name": "x", "attachment_ids": [{"name": "manual", "url": url}]}
        )
        attachment = self.env["ir.attachment"].search(
            [
                ("res_model", "=", "res.partner"),
                ("res_id", "=", self.assertSuccess(answer)["id"]),
            ]
        )
        self.assertEqual((attachment.type, attachment.url), ("url", url))

    def test_a_file_that_cannot_be_read_names_its_place(self) -> None:
        before = self.env["res.partner"].search_count([])
        good = file_of("good")
        for bad, code, tail in (
            ({"name": "x", "datas": "not base64"}, "invalid_value", ""),
            ({"name": "x", "datas": "abc"}, "invalid_value", ""),
            ({"datas": good["datas"]}, "invalid_value", ""),
            ({"name": " ", "datas": good["datas"]}, "invalid_value", ""),
            ({"name": "x"}, "invalid_value", ""),
            ("x", "invalid_value", ""),
            ({**good, "res_id": 1}, "unknown_key", ".res_id"),
        ):
            with self.subTest(bad=bad):
                child = {"name": "c", "attachment_ids": [good, bad]}
                answer = self.create({"name": "x", "child_ids": [child]})
                path = f"payload.child_ids[0].attachment_ids[1]{tail}"
                self.assertFailure(answer, code, path)
        self.assertEqual(self.env["res.partner"].search_count([]), before)

    def test_an_update_puts_its_files_on_every_record_it_changed(self) -> None:
        partners = self.env["res.partner"].create(
            [{"name": "a", "ref": "FILES"}, {"name": "b", "ref": "FILES"}]
        )
        vals = {
            "search_key": {"ref": "FILES"},
            "multi": True,
            "payload": {
                "child_ids": [{"name": "low", "attachment_ids": [file_of("low")]}],
                "attachment_ids": [file_of("f")],
            },
        }
        self.assertSuccess(self.perform("update_data", "res.partner", vals))
        for partner in partners:
            self.assertEqual(self.files_on(partner), [(partner.id, "f.txt", b"f")])
            child = partner.child_ids
            self.assertEqual(self.files_on(child), [(child.id, "low.txt", b"low")])

    def test_a_model_without_such_a_field_takes_files_too(self) -> None:
        self.assertNotIn("attachment_ids", self.env["res.partner.category"]._fields)
        vals = {"payload": {"name": "tag", "attachment_ids": [file_of("t")]}}
        answer = self.perform("create_data", "res.partner.category", vals)
        tag = self.env["res.partner.category"].browse(self.assertSuccess(answer)["id"])
        self.assertEqual(self.files_on(tag), [(tag.id, "t.txt", b"t")])


@tagged("post_install", "-at_install")
@requires("mail.template")
class TestAttachmentField(AttachmentCase):
    def test_a_models_own_attachment_field_is_filled(self) -> None:
        partner_model = self.env["ir.model"]._get_id("res.partner")
        payload = {
            "name": "API template",
            "model_id": partner_model,
            "attachment_ids": [file_of("one"), file_of("two")],
        }
        answer = self.perform("create_data", "mail.template", {"payload": payload})
        template = self.env["mail.template"].browse(self.assertSuccess(answer)["id"])
        self.assertEqual(
            template.attachment_ids.sorted("id").mapped("name"), ["one.txt", "two.txt"]
        )
        self.assertEqual(len(self.files_on(template)), 2)

    def test_a_models_own_attachment_field_takes_lookups_too(self) -> None:
        known = self.env["ir.attachment"].create({"name": "known.txt", "raw": b"k"})
        payload = {
            "name": "API template",
            "model_id": self.env["ir.model"]._get_id("res.partner"),
            "attachment_ids": [{"name": "known.txt"}],
        }
        answer = self.perform("create_data", "mail.template", {"payload": payload})
        template = self.env["mail.template"].browse(self.assertSuccess(answer)["id"])
        self.assertEqual(template.attachment_ids, known)
