# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the gateway costs beside JSON-2 and beside the bare ORM.

Reading order; each file knows only the ones above it::

    client          one caller: our routes and JSON-2, with the same key
    stage           the database, its data, the servers
    outcome         paired figures to a ratio and its interval
    case            what a case is, and how its two sides take turns
    *_cases         the cases themselves; a new one is a function or two
    machine         what it ran on
    chart, report   the figures as SVG, JSON and Markdown
    profiling       the same requests under ``spans``, by part of the worker

``addons/usability_webhooks_bench`` runs inside Odoo: the bare ORM, timed there, and
the stop watches of ``profiling``.

Start it with `make bench` or, with options, `scripts/bench --help`.
"""
