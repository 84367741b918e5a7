# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The fault rig: see README.md in this folder.

::

    run         the phases, one after the other
    |- rig          the servers and the database; uses system_tests.rig
    |   |- cluster      a PostgreSQL of our own, to be killed and started again
    |   '- disk         the disk of the log, to be full
    |- outbound     the endpoints and rules for webhooks
    |   '- receiver     the other end, a process of its own
    |- schedule     which fault when, drawn from a seed
    |- injector     carries the schedule out
    |- driver       sends requests and remembers each: the truth
    |   '- clients      what the threads send
    |- promises     the counted promises: pairs, upserts, patience, a stopped worker
    |- invariants   SQL over the truth and the tables
    |   '- arrivals     the same for webhooks
    '- table        what is printed
"""
