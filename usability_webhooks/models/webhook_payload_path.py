# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

from odoo import fields, models
from odoo.fields import NO_ACCESS

from ..tools.webhook_rendering import Rendering
from ..tools.webhook_template import FieldValue
from ..tools.webhook_values import convert, to_plain

BINARY_TYPES = ("binary", "image")
X2MANY = ("one2many", "many2many")
PROPERTIES = ("properties", "properties_definition")
#: Where a path has come to, for one record: records; ``False`` where there is nothing
#: (an empty reference); ``None`` where it could not be followed.
Reached = models.BaseModel | bool | None


class WebhookPayloadPath(models.AbstractModel):
    """Follows a path from many records at once, as far as the user may read.

    The cache is shared by all users of a transaction, and a value in it is handed out
    to anybody. So access is asked for here, of all records of a step together.
    """

    _name = "webhook.payload.path"
    _description = "Webhook Payload Path"

    def _get_values(
        self, rendering: Rendering, records: list[Reached], node: FieldValue
    ) -> list:
        """Return the value at the end of the path, for each of ``records``."""
        *steps, last = node.path
        for name in steps:
            if not node.form:
                records = self._keep_single(rendering, node.place, records)
            records = self._follow(rendering, node.place, records, name)
        if not node.form:
            records = self._keep_single(rendering, node.place, records)
        if self._is_x2many(records, last):
            lines = self._follow(rendering, node.place, records, last)
            return [self._get_ids(node, reached) for reached in lines]
        return [self._get_value(rendering, node, reached) for reached in records]

    def _follow(
        self, rendering: Rendering, place: str, records: list[Reached], name: str
    ) -> list[Reached]:
        """Return the records that field ``name`` of each leads to.

        Lines that may not be read are left out; a single record that may not be read
        ends the path.
        """
        reached = [
            self._read(rendering, place, each, name) if each is not None else None
            for each in records
        ]
        is_strict = not self._is_x2many(records, name)
        return self._sift(rendering, place, reached, is_strict=is_strict)

    def _sift(
        self,
        rendering: Rendering,
        place: str,
        records: list[Reached],
        *,
        is_strict: bool,
    ) -> list[Reached]:
        """Drop what may not be read; have all records of a model be read together.

        :param is_strict: one that may not be read makes None of its whole set.
        """
        ids: dict[str, dict[int, None]] = {}
        for each in records:
            if each:
                ids.setdefault(each._name, {}).update(dict.fromkeys(each._ids))
        for model, union in ids.items():
            self._ask_access(rendering, place, self.env[model].browse(union))
        sifted = []
        for each in records:
            if each:
                readable = rendering.readable[each._name]
                allowed = [rec_id for rec_id in each._ids if readable[rec_id]]
                if is_strict and len(allowed) < len(each):
                    each = rendering.fail(place, each, "may not be read")
                else:
                    prefetch_ids = ids[each._name]
                    each = each.browse(allowed).with_prefetch(prefetch_ids)
            sifted.append(each)
        return sifted

    def _ask_access(
        self, rendering: Rendering, place: str, records: models.BaseModel
    ) -> None:
        """Note in ``rendering.readable`` which of ``records`` may be read."""
        known = rendering.readable.setdefault(records._name, {})
        asked = records.browse(rec_id for rec_id in records._ids if rec_id not in known)
        if rendering.is_careful:
            get = self.env["webhook.payload.attempt"]._make_value
            for record in asked:
                may = get(
                    rendering, place, record, lambda r=record: r.has_access("read")
                )
                known[record.id] = bool(may)
        else:
            allowed = set(asked._filtered_access("read")._ids)
            known.update((rec_id, rec_id in allowed) for rec_id in asked._ids)

    # -- one step, of one record of the rule ----------------------------------

    def _keep_single(
        self, rendering: Rendering, place: str, records: list[Reached]
    ) -> list[Reached]:
        """Replace several records by None: the raw form has one value (18.0)."""
        reason = "several records where one is expected; the form join takes them"
        return [
            rendering.fail(place, each, reason) if each and len(each) > 1 else each
            for each in records
        ]

    def _read(
        self, rendering: Rendering, place: str, reached: Reached, name: str
    ) -> Reached:
        """Return the records a relational field leads to."""
        if reached is False:
            return False
        field = self._get_field(rendering, place, reached, name)
        if field is None:
            return None
        if not field.relational and field.type != "reference":
            return rendering.fail(place, reached, f"'{name}' leads to no records")
        get = self.env["webhook.payload.attempt"]._make_value
        # An empty reference is None, which means something else here.
        return get(
            rendering,
            place,
            reached,
            lambda: False if reached[name] is None else reached[name],
        )

    def _get_ids(self, node: FieldValue, reached: Reached) -> object:
        """Return what lines are sent as: their ids."""
        if reached is None or (reached is False and not node.form):
            return reached
        ids = reached.ids if reached else []
        return convert("join", ids, {}) if node.form else ids

    def _get_value(
        self, rendering: Rendering, node: FieldValue, reached: Reached
    ) -> object:
        """Return the raw or converted value of the path's last field."""
        if reached is None:
            return None
        if reached is False:
            return "" if node.form else False
        field = self._get_field(rendering, node.place, reached, node.path[-1])
        if field is None:
            return None
        get = self.env["webhook.payload.attempt"]._make_value
        make = self._convert if node.form else self._get_plain
        return get(
            rendering, node.place, reached, lambda: make(reached, field, node.form)
        )

    def _get_field(
        self, rendering: Rendering, place: str, reached: models.BaseModel, name: str
    ) -> fields.Field | None:
        """Return a field that may be sent; else note why not."""
        field = reached._fields.get(name)
        if field is None:
            reason = f"{reached._name} has no field '{name}'"
        elif field.type in BINARY_TYPES:
            reason = f"'{name}' holds files"
        elif field.groups == NO_ACCESS or not reached._has_field_access(field, "read"):
            reason = f"'{name}' may not be read"
        else:
            return field
        return rendering.fail(place, reached, reason)

    def _is_x2many(self, records: list[Reached], name: str) -> bool:
        """Tell whether field ``name`` of these, of one model, is one of lines."""
        for each in records:
            if isinstance(each, models.BaseModel):
                return name in each._fields and each._fields[name].type in X2MANY
        return False

    # -- values ---------------------------------------------------------------

    def _convert(
        self, reached: models.BaseModel, field: fields.Field, form: str
    ) -> object:
        """Return the values of all records reached, converted."""
        if field.relational:
            return convert("join", reached[field.name].ids, {})
        values = [self._get_plain(record, field) for record in reached]
        if field.type == "boolean" and form == "join":
            values = [str(value) for value in values]
        labels = {}
        if form == "label":
            labels = dict(field._description_selection(self.env))
        return convert(form, values, labels)

    def _get_plain(
        self, record: models.BaseModel, field: fields.Field, _form: str = ""
    ) -> object:
        """Return one value as JSON has it.

        A record is its id, which 18.0 sent as Python's ``res.partner(3,)``.
        """
        value = record[field.name]
        if field.type == "many2one":
            return value.id
        if field.type == "reference":
            return f"{value._name},{value.id}" if value else False
        if field.type in PROPERTIES and record:
            value = record._read_format([field.name], load=None)[0][field.name]
        return to_plain(value)
