# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Tests against real servers: what Odoo's own test cursor cannot show.

There a commit is a savepoint, one lock makes requests wait for each other, and
nobody is killed. Here two prefork servers work on one database; the driver sends
requests, kills workers, and reads the tables afterwards.
"""
