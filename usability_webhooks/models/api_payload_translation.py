# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from odoo import fields, models

from ..exceptions import ApiError, InvalidValue
from ..tools.payload_plan import Level, Place
from ..tools.payload_values import Translations
from ..tools.sensitive_names import DEFAULT as SENSITIVE
from ..tools.values import convert_value


class ApiPayloadTranslation(models.AbstractModel):
    """Writes values that a payload gives in several languages.

    A record is made, or changed, in the caller's language with the others; what
    is said in further languages is written on it afterwards, through its own
    ``write``.
    """

    _name = "api.payload.translation"
    _description = "API Payload Translation"

    # -- reading --------------------------------------------------------------

    def _collect(
        self, level: Level, field: fields.Field, value: Mapping, place: Place
    ) -> Translations | bool:
        """Read ``{"en_US": ..., "th_TH": ...}``; what is wrong with one language
        lands in ``level.plan.errors``.

        :raises InvalidValue: there is no language at all.
        """
        installed = [code for code, _name in self.env["res.lang"].get_installed()]
        hint = self.env._("installed: %s", ", ".join(installed))
        if not value:
            message = self.env._("an empty object says nothing in any language.")
            raise InvalidValue(message, hint=hint)
        by_lang: dict[str, object] = {}
        for code, text in value.items():
            try:
                if code not in installed:
                    message = self.env._("'%s' is not an installed language.", code)
                    raise InvalidValue(message, hint=hint)
                by_lang[code] = self._convert(field, text)
                self._check_markup(level.model, field, Translations(by_lang), code)
            except ApiError as exc:
                if field.name in SENSITIVE:  # an error may quote the value
                    exc.message = self.env._("the value does not fit this field.")
                path = place.key(code).path
                error = exc.at(path, model=level.model, field=field.name)
                level.plan.errors.append(error)
        return Translations(by_lang) if by_lang else False

    def _convert(self, field: fields.Field, text: object) -> object:
        size = getattr(field, "size", None) if field.type == "char" else None
        value = convert_value(field.type, text, size=size)
        if value is False:
            message = self.env._(
                "leave out a language that has no text, or send null for the field."
            )
            raise InvalidValue(message)
        return value

    def _check_markup(
        self, model: str, field: fields.Field, said: Translations, code: str
    ) -> None:
        """:raises InvalidValue: the text is not the first one's translation."""
        if callable(field.translate):
            first = next(iter(said.by_lang.values()))
            self._get_terms(self.env[model], field, first, said.by_lang[code])

    def _get_terms(
        self, model: models.BaseModel, field: fields.Field, source: str, text: str
    ) -> dict[str, str]:
        """Return what each term of one text is in the other.

        Odoo keeps one markup for all languages, so a text of another markup would
        be stored as something else.

        :raises InvalidValue: the two differ by more than their terms.
        """
        source, text = (
            # pylint: disable-next=not-callable
            field.translate(lambda _term: None, field.convert_to_cache(item, model))
            for item in (source, text)
        )
        pairs = zip(
            field.get_trans_terms(source), field.get_trans_terms(text), strict=False
        )
        terms = dict(pairs)
        if field.translate(terms.get, source) != text:
            message = self.env._(
                "the markup must be the same in all languages, only the words differ."
            )
            raise InvalidValue(message)
        return terms

    # -- writing --------------------------------------------------------------

    def _write(self, levels: Iterable[Level]) -> None:
        """Write the other languages of levels whose records exist.

        :raises InvalidValue: a level never learned which record it became.
        """
        said = [
            (part, translations)
            for level in levels
            for part in level.walk()
            if (translations := part.translations())
        ]
        ids: dict[str, list[int]] = defaultdict(list)
        for level, _translations in said:
            ids[level.model] += level.record_ids
            if not level.record_ids:
                # An addon's create() made the line anew and lost its level.
                message = self.env._("these translations find no record.")
                raise InvalidValue(message, path=level.place.path, model=level.model)
        for level, translations in said:
            model = self.env[level.model].with_company(level.company_id)
            records = model.browse(dict.fromkeys(level.record_ids))
            self._write_level(
                records.with_prefetch(ids[level.model]), level.place, translations
            )

    def _write_level(
        self,
        records: models.BaseModel,
        place: Place,
        translations: Mapping[str, Translations],
    ) -> None:
        """Write one level's other languages: one ``write`` for each language."""
        done = self.env.lang or "en_US"
        by_lang: dict[str, dict] = defaultdict(dict)
        for name, said in translations.items():
            if callable(records._fields[name].translate):
                for record in records:
                    self._write_terms(record, name, said, place.key(name))
                continue
            for code, text in said.by_lang.items():
                if code != done:
                    by_lang[code][name] = text
        for code, vals in by_lang.items():
            records.with_context(lang=code).write(vals)

    def _write_terms(
        self, record: models.BaseModel, name: str, said: Translations, place: Place
    ) -> None:
        """Write the other languages of a text that Odoo translates term by term."""
        field, lang = record._fields[name], self.env.lang or "en_US"
        by_lang = said.by_lang
        if lang not in by_lang and ("en_US" in by_lang or not record[name]):
            lang = said.main_lang(lang)
            record.with_context(lang=lang).write({name: by_lang[lang]})
        source = record.with_context(lang=lang)[name]
        terms = {}
        for code, text in by_lang.items():
            if code != lang:
                try:
                    terms[code] = self._get_terms(record, field, source, text)
                except InvalidValue as exc:
                    raise exc.at(place.key(code).path, model=record._name) from exc
        if terms:
            record.update_field_translations(name, terms, source_lang=lang)
