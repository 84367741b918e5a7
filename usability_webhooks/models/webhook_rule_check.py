# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

import logging
from collections.abc import Iterator

from odoo import models
from odoo.api import SUPERUSER_ID
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain, Field

from ..tools.outbound_rule import RulePlan, UnreadableDomain, read_domain

_logger = logging.getLogger(__name__)


class WebhookRuleCheck(models.AbstractModel):
    """Tells whether a rule can work, and makes a plain value of one that can.

    Asked when a rule is saved, when it is shown, and once per registry when it is
    read for use: what a rule needs may have been uninstalled since.
    """

    _name = "webhook.rule.check"
    _description = "Webhook Rule Check"

    # -- is it fine? ----------------------------------------------------------

    def _find_problem(self, rule: models.BaseModel) -> str:
        """Return why a rule cannot work as things are; empty where it can."""
        try:
            self._check(rule)
        except (UserError, AccessError) as exc:
            return str(exc.args[0] if exc.args else exc)
        except Exception as exc:  # pylint: disable=broad-exception-caught
            # Whatever it is, it must be shown, and stop no write of anybody.
            _logger.warning("webhook rule %s: %r", rule.id, exc)
            return self.env._("It cannot be read: %s", str(exc)[:300])
        return ""

    def _check(self, rule: models.BaseModel) -> None:
        """:raises ValidationError: with the reason, for a person."""
        model = self._get_model(rule)
        domain = self._read_domain(model, rule.trigger_domain)
        if rule.trigger == "matches" and domain.is_true():
            raise ValidationError(
                self.env._(
                    "Say which records match: the rule tells of those that start to."
                    " For all new records choose the trigger 'Created'."
                )
            )
        self._check_trigger(rule, model)
        if rule.trigger == "due":
            # A time is watched by searching, so each condition must be searchable.
            domain.validate(model.sudo())  # as core's automation searches
        self._check_destination(rule)
        template = self.env["webhook.payload.template"].with_env(model.env)
        template._check(model._name, rule.payload_fields)

    def _get_model(self, rule: models.BaseModel) -> models.BaseModel:
        """Return the rule's model, in the environment of the user who reads it."""
        user = rule.user_id
        # A new record has no name of its model yet.
        name = rule.model_id.sudo().model or rule.model_name  # no secret
        if not name or name not in self.env:
            raise ValidationError(self.env._("There is no model '%s'.", name or ""))
        model = self.env[name]
        if model._abstract or model._transient or not model._auto:
            raise ValidationError(
                self.env._("'%s' has no records that are kept.", model._description)
            )
        if not user.active and user.id != SUPERUSER_ID:
            raise ValidationError(
                self.env._("%s, who reads the payload, is archived.", user.name)
            )
        model = model.with_env(self._get_env(user, rule.lang))
        if not model.has_access("read"):
            raise ValidationError(
                self.env._(
                    "%(user)s, who reads the payload, may not read %(model)s records.",
                    user=user.name,
                    model=name,
                )
            )
        return model

    def _get_env(self, user: models.BaseModel, lang: str | bool):
        """Return the environment payloads are made in: the same whoever writes."""
        context = self._get_context(user, lang)
        return self.env(user=user.id, su=False, context=context)

    def _get_context(self, user: models.BaseModel, lang: str | bool) -> dict:
        user_sudo = user.sudo()  # whoever writes may not read users
        own = user_sudo.company_id.id
        others = [cid for cid in user_sudo._get_company_ids() if cid != own]
        return {
            "lang": lang or user_sudo.lang or "en_US",
            "tz": user_sudo.tz or "UTC",
            "allowed_company_ids": [own, *others],
        }

    def _check_trigger(self, rule: models.BaseModel, model: models.BaseModel) -> None:
        if rule.trigger in ("archived", "unarchived") and not model._active_name:
            raise ValidationError(
                self.env._("%s records cannot be archived.", model._description)
            )
        rule_sudo = rule.sudo()  # names of fields, no secret
        fields_sudo = rule_sudo.trigger_field_ids
        if rule.trigger == "due":
            fields_sudo = rule_sudo.date_field_id
            if not fields_sudo:
                raise ValidationError(self.env._("Say which date it waits for."))
        for field in fields_sudo if rule.trigger in ("due", "updated") else ():
            if field.model != model._name or field.name not in model._fields:
                raise ValidationError(
                    self.env._(
                        "%(model)s has no field '%(field)s'.",
                        model=model._name,
                        field=field.name,
                    )
                )

    def _check_destination(self, rule: models.BaseModel) -> None:
        if rule.endpoint_source != "static":
            return
        endpoint_sudo = rule.endpoint_id.sudo()  # whether it is there is no secret
        if not endpoint_sudo:
            raise ValidationError(self.env._("Say which endpoint it sends to."))
        if not endpoint_sudo.active:
            message = self.env._("Its endpoint '%s' is archived.", endpoint_sudo.name)
            raise ValidationError(message)

    def _check_reader(self, rules: models.BaseModel) -> None:
        """Refuse to have something read in the rights of somebody else.

        :raises AccessError: to all but administrators.
        """
        user = self.env.user
        if self.env.su or user.has_group("base.group_system"):
            return
        if any(rule.user_id != user for rule in rules):
            raise AccessError(
                self.env._(
                    "Only an administrator may change what a rule reads in the rights"
                    " of another user. Choose yourself under 'Read As'."
                )
            )

    # -- its domain -----------------------------------------------------------

    def _read_domain(self, model: models.BaseModel, text: str | None) -> Domain:
        """Read a domain as data, and see that the model understands it.

        :param model: in the environment of the user whose rights count.
        :raises ValidationError: with the reason.
        """
        try:
            domain = Domain(read_domain(text)).optimize(model)
            for owner, field in self._find_fields(model, domain):
                owner._check_field_access(field, "read")
            # What only shows once values are compared: a date that is none.
            domain._as_predicate(model.new())
        except UnreadableDomain as exc:
            raise ValidationError(self._say_unreadable(exc)) from exc
        except AccessError as exc:
            message = self.env._("The domain cannot be used: %s", exc.args[0])
            raise ValidationError(message) from exc
        except (ValueError, TypeError, KeyError, AttributeError, UserError) as exc:
            reason = str(exc.args[0] if exc.args else exc).splitlines() or [""]
            message = self.env._("The domain cannot be read: %s", reason[0][:300])
            raise ValidationError(message) from exc
        return domain

    def _say_unreadable(self, exc: UnreadableDomain) -> str:
        if not exc.name:
            return self.env._("The domain cannot be read: %s", exc.message)
        return self.env._(
            "The domain asks for '%(name)s', which differs by who changes the record"
            " and when. Give plain values; for dates such as 'today' or 'today -7d'.",
            name=exc.name,
        )

    def _find_fields(
        self, model: models.BaseModel, domain: Domain
    ) -> Iterator[tuple[models.BaseModel, Field]]:
        """Yield model and field of each condition, of all levels."""
        for condition in domain.iter_conditions():
            field = model._fields[condition.field_expr.partition(".")[0]]
            yield model, field
            if field.relational and isinstance(condition.value, Domain):
                comodel = model.env[field.comodel_name]
                yield from self._find_fields(comodel, condition.value)

    # -- what it is made to ---------------------------------------------------

    def _compile(self, rule: models.BaseModel) -> RulePlan:
        """Return a rule as a plain value; one with a problem never fires.

        :param rule: in an environment that may read all of it.
        """
        problem = self._find_problem(rule)
        domain, watched = None, None
        if not problem:
            model = self._get_model(rule)
            domain = self._prepare_domain(rule, model)
            watched = self._get_watched(rule, model, domain)
        return RulePlan(
            rule_id=rule.id,
            automation_id=rule.automation_id.id,
            name=rule.name,
            model=rule.model_name,
            trigger=rule.trigger,
            domain=domain,
            watched=watched,
            user_id=rule.user_id.id,
            lang=rule.lang or "",
            # As core's own cache of it, this is read anew when users change.
            context=self._get_context(rule.user_id, rule.lang),
            endpoint_source=rule.endpoint_source,
            endpoint_id=rule.endpoint_id.id or 0,
            url=rule.endpoint_id.url or "",
            event_type=rule.event_type or "",
            body_format=rule.body_format,
            template=rule.payload_fields or "",
            problem=problem,
        )

    def _prepare_domain(
        self, rule: models.BaseModel, model: models.BaseModel
    ) -> Domain:
        """Return what a record must match after the change."""
        domain = self._read_domain(model, rule.trigger_domain)
        if rule.trigger in ("archived", "unarchived"):
            is_active = rule.trigger == "unarchived"
            domain &= Domain(model._active_name, "=", is_active)
            domain = domain.optimize(model)
        return domain

    def _get_watched(
        self, rule: models.BaseModel, model: models.BaseModel, domain: Domain
    ) -> frozenset[str] | None:
        """Return the fields of the model whose change can make the rule fire.

        :returns: None where any can.
        """
        if rule.trigger in ("archived", "unarchived"):
            return frozenset({model._active_name})
        if rule.trigger == "updated" and rule.trigger_field_ids:
            return frozenset(rule.trigger_field_ids.mapped("name"))
        if rule.trigger != "matches":
            return None
        watched: set[str] = set()
        names = [
            condition.field_expr.partition(".")[0]
            for condition in domain.iter_conditions()
        ]
        while names:
            name = names.pop()
            field = model._fields.get(name)
            if field is None or name in watched:
                continue
            watched.add(name)
            if field.store or name == "id":
                continue
            # A field that is not stored changes when what it is made of does.
            needs = model.pool.field_depends.get(field, ())
            if not needs:
                return None
            names += [path.partition(".")[0] for path in needs]
        return frozenset(watched)
