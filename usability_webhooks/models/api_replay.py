# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

import uuid

from odoo import api, http, models
from odoo.exceptions import UserError

from ..exceptions import ApiError, ApiRefused
from ..tools.api_request import ApiCaller, ApiRequest, RequestBody, read_envelope
from ..tools.json_body import parse_json


class ApiReplay(models.AbstractModel):
    """Sends a request of the log again."""

    _name = "api.replay"
    _description = "API Replay"

    def _replay(self, log: models.BaseModel, body: str) -> int:
        """Send a stored request again, as its own user, on a cursor of its own.

        :param log: the ``api.log`` row; who may replay it was checked before.
        :param body: the request's JSON, possibly edited.
        :returns: the id of the new log row, which this transaction's snapshot
            does not show yet.
        :raises UserError: the body is no request.
        """
        request = self._prepare_request(log, body)
        with self.env.registry.cursor() as cr:
            env = api.Environment(cr, log.user_id.id, {})
            try:
                env["api.transaction"]._run(request)
            except ApiRefused as exc:
                raise UserError(exc.say(self.env.lang)) from exc
            return env["api.log.writer"]._get_id(request.request_id)

    def _prepare_request(self, log: models.BaseModel, body: str) -> ApiRequest:
        """Return the request that ``body`` holds, in the name of the log's caller."""
        try:
            limits = self.env["api.settings"]._get_json_limits()
            parsed = parse_json(body, limits)
            model, vals, _jsonrpc_id = read_envelope(parsed)
        except (ApiError, ApiRefused) as exc:
            raise UserError(exc.say(self.env.lang)) from exc
        # A client that retries meanwhile must not have it done twice. But what was
        # done is meant to be done again, and what was edited is something else.
        keeps_key = log.state != "done" and body == log._get_text("data")
        remote = http.request.httprequest.remote_addr if http.request else ""
        return ApiRequest(
            route=log.route.rpartition("/")[2],
            model=model,
            vals=vals,
            request_id=f"replay-{uuid.uuid4()}",
            body=RequestBody(body),
            caller=ApiCaller(
                remote_addr=remote,
                user_agent=f"Replay by {self.env.user.login}",
                api_key_id=log.api_key_id or None,
                api_key_name=log.api_key_name or "",
                # Done again, it may do no more than it might.
                grant=log.profile_id._get_grant() if log.profile_id else None,
            ),
            idempotency_key=(log.idempotency_key or "") if keeps_key else "",
            replay_of_id=log.id,
            actor_id=self.env.uid,
        )
