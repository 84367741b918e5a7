# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A private Odoo 19 and PostgreSQL for working on this addon, without root.

Reading order; each file knows only the ones above it, but for the process in
keeper, which ends what the files below it start::

    places           every folder and the keys that name them
    console          steps, progress and failures, as the user sees them
    processes        running commands; pid files; ending what we started
    installation     all-or-nothing folders, locks
    pins             scripts/pins.cfg
    debian           packages fetched and unpacked without root
    python_packages  virtual environments
    odoo_program     the Odoo to run: ours, or the one in ODOO_BIN
    keeper           ends forgotten servers
    postgres         the PostgreSQL to use: ours, or the one at PGHOST
    odoo_server      odoo.conf, and the server in the background
    databases        templates and their copies, with filestores
    workbench        Odoo and PostgreSQL ready together; the demo database
    chromium         a browser for the tests
    odoo_tests       one run of the addon's tests
    extra_scripts    scripts/demo, scripts/system_tests, scripts/chaos
    check_tools      the linters

Standard library only: it runs before anything is installed.
"""
