# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Rules of 18.0 with the endpoints and the automations they have in 19.0.

No rule is lost and none stops the upgrade: one that cannot work is archived, with the
reason on it and in the server log.
"""

import functools
import ipaddress
import json
import logging
from urllib.parse import urlsplit

from odoo import SUPERUSER_ID, api
from odoo.exceptions import UserError
from odoo.tools import SQL
from odoo.tools.sql import column_exists

_logger = logging.getLogger(__name__)

#: Not even an administrator of 18.0 meant to call these: metadata services.
LINK_LOCAL = ipaddress.ip_network("169.254.0.0/16")
PORTS = {"https": "webhook.outbound_ports", "http": "webhook.outbound_http_ports"}
#: Host of an address, as ``tools/webhook_target`` reads it.
HOST = r"lower(substring({} FROM '^https?://([^/?#@:\s]+)(?:[:/?#]|$)'))"


def migrate(cr, version):
    if not version or not column_exists(cr, "webhook_outbound_rule", "auth_header"):
        return
    env = api.Environment(cr, SUPERUSER_ID, {"active_test": False})
    cr.execute(
        "SELECT id, endpoint_source, endpoint_url, auth_header, active"
        " FROM webhook_outbound_rule ORDER BY id"
    )
    rows = cr.fetchall()
    _allow_targets(env, [row[2] for row in rows if row[1] == "static" and row[2]])
    known = {}
    for rule_id, source, url, header, active in rows:
        rule = env["webhook.outbound.rule"].browse(rule_id)
        # Its reader owns the endpoint; rights are not the question here.
        rule = rule.with_user(rule.user_id).sudo()  # as the upgrade
        target = (url or "").strip() if source == "static" else None
        _carry_over(rule, target, (header or "").strip(), active, known)
    _carry_over_callbacks(env)
    env.flush_all()
    # What was in them can be read by nobody any more.
    cr.execute(
        "ALTER TABLE webhook_outbound_rule DROP COLUMN auth_header,"
        " DROP COLUMN IF EXISTS endpoint_url"
    )


def _allow_targets(env, urls):
    """Have what administrators of 18.0 typed into rules be reachable still.

    An address of a private network is allowed by itself, not its network; a port of
    the internet for everybody, as the settings have it.
    """
    networks, ports = set(), {"https": set(), "http": set()}
    for url in urls:
        try:
            parts = urlsplit(url.strip())
            scheme, host, port = parts.scheme.lower(), parts.hostname, parts.port
        except ValueError:
            continue  # the rule will say so
        try:
            address = ipaddress.ip_address(host or "")
        except ValueError:
            address = None
        if address and not address.is_global:
            if address not in LINK_LOCAL:
                networks.add(str(ipaddress.ip_network(address)))
        elif port and scheme in ports:
            ports[scheme].add(str(port))
    _extend(env, "webhook.private_networks", networks)
    for scheme, name in PORTS.items():
        _extend(env, name, ports[scheme])


def _extend(env, name, wanted):
    known = env["api.settings"]._get(name)
    added = sorted(wanted.difference(known))
    if added:
        value = json.dumps([*known, *added])
        env["ir.config_parameter"].set_param(name, value)
        _logger.info("system parameter %s: added %s, for rules of 18.0", name, added)


def _carry_over(rule, url, header, active, known):
    """Give one rule its endpoint, then switch it on if it was.

    :param url: of a static rule; None for one that sends to callback addresses.
    :param known: ``(url, header)`` to the endpoint made for it.
    """
    rule.write({"active": False})
    if url is not None:
        if reason := _find_failure(rule, lambda: _connect(rule, url, header, known)):
            _note(rule, rule.env._("Version 18.0 sent it to %s", url))
            if header:
                again = rule.env._("Its Authorization header is to be given again.")
                _note(rule, again)
            _archive(rule, reason)
            return
        known[url, header] = rule.endpoint_id
    elif header:
        _note(
            rule,
            rule.env._(
                "Version 18.0 sent an Authorization header to whatever address a caller"
                " named. Version 19.0 does not: deliveries can be signed."
            ),
        )
    if active and (reason := _find_failure(rule, lambda: rule.write({"active": True}))):
        _archive(rule, reason)


def _connect(rule, url, header, known):
    """Have a rule send to an endpoint that sends just its header, or none."""
    endpoint = known.get((url, header))
    if not endpoint:
        vals = rule.env["webhook.rule.endpoint"]._prepare_vals(url)
        if any(url == other for other, _header in known):
            vals["name"] = f"{vals['name']} ({rule.name})"
        endpoint = rule.env["webhook.endpoint"].create(vals)
        if header:
            rule.env["webhook.endpoint.header"].create(
                {"endpoint_id": endpoint.id, "name": "Authorization", "value": header}
            )
    rule.write({"endpoint_id": endpoint.id})


def _find_failure(rule, act):
    """Return why something cannot be done; it is undone then."""
    try:
        with rule.env.cr.savepoint():
            act()
            rule.env.flush_all()
    # Whatever it is, the upgrade goes on and the rule says so.
    except Exception as exc:  # pylint: disable=broad-exception-caught
        if not isinstance(exc, UserError):
            _logger.exception("webhook rule %s", rule.id)
        return str(exc.args[0] if exc.args else exc)
    return ""


def _archive(rule, reason):
    rule.write({"active": False, "problem": reason})
    _logger.warning(
        "webhook rule %s of 18.0 is archived: %s", rule.id, reason.replace("\n", " ")
    )


def _note(rule, text):
    rule.write({"note": f"{rule.note}\n{text}" if rule.note else text})


def _find_callback_hosts(env):
    """Return the hosts that were named, each with whether over plain HTTP."""
    hosts = {}
    for table in _find_tables(env.cr):
        query = SQL(
            f"SELECT {HOST.format('callback_url')},"
            " bool_or(callback_url ILIKE 'http:%%')"
            " FROM %s WHERE callback_url != '' GROUP BY 1",
            SQL.identifier(table),
        )
        for host, is_plain in env.execute_query(query):
            if host:
                hosts[host] = is_plain or hosts.get(host, False)
    return hosts


def _carry_over_callbacks(env):
    """Allow the hosts whose callbacks 18.0 has called, and keep who named what.

    Anybody could name any address in 18.0. A host that was never called with success
    gets its endpoint archived: unarchive it to allow it.
    """
    rules = env["webhook.outbound.rule"].search([("endpoint_source", "=", "record")])
    if not rules:
        return
    query = SQL(
        f"SELECT DISTINCT {HOST.format('route')} FROM api_log"
        " WHERE log_type = 'send' AND state = 'done'"
    )
    called = {host for (host,) in env.execute_query(query)}
    endpoints = env["webhook.endpoint"]
    for host, is_plain in sorted(_find_callback_hosts(env).items()):
        vals = {
            "name": host,
            "kind": "callback",
            "host": host,
            "allow_http": is_plain,
            "is_signed": False,  # nobody there has a secret
            "active": host in called,
            "user_id": rules[0].user_id.id,
        }
        create = functools.partial(endpoints.create, vals)
        if reason := _find_failure(endpoints, create):
            _logger.warning("callbacks to %s are not allowed: %s", host, reason)
    _keep_callbacks(env)


def _find_tables(cr):
    """Return the log and the tables of models with the mixin of 18.0."""
    cr.execute(
        "SELECT table_name FROM information_schema.columns"
        " WHERE table_schema = current_schema"
        " AND column_name IN ('callback_url', 'webhook_last_state')"
        " GROUP BY table_name HAVING count(*) = 2"
    )
    return ["api_log", *(table for (table,) in cr.fetchall())]


def _keep_callbacks(env):
    """Note the address last named for each record, where its host has an endpoint."""
    env.flush_all()
    env.cr.execute(
        f"""
        INSERT INTO webhook_callback (res_model, res_id, url, endpoint_id, company_id,
            request_id, named_at)
        SELECT l.res_model, l.res_id, l.callback_url, e.id, l.company_id, l.request_id,
            l.create_date
        FROM (
            SELECT DISTINCT ON (res_model, res_id) * FROM api_log
            WHERE callback_url != '' AND res_model IS NOT NULL AND res_id > 0
                AND log_type = 'receive'
            ORDER BY res_model, res_id, id DESC
        ) l
        JOIN webhook_endpoint e
            ON e.kind = 'callback' AND e.host = {HOST.format("l.callback_url")}
        ON CONFLICT DO NOTHING
        """
    )
