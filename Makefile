# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
#
# Every verb is one script in scripts/; `make` alone lists them.
.DEFAULT_GOAL := help
.PHONY: help setup demo serve stop test chaos bench check translations pictures shell clean

help: ## list these verbs
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 21

setup: ## install a private Odoo 19 and PostgreSQL (no root needed)
	@scripts/setup

demo: ## set up, serve a database with demo data, show the addon at work
	@scripts/serve --demo

serve: ## serve the demo database in the background
	@scripts/serve

stop: ## stop Odoo and PostgreSQL
	@scripts/stop

test: ## run the checks and all tests, as CI does
	@scripts/test

chaos: ## inject faults for half an hour, print what became of the data
	@variables=$$(scripts/env) && eval "$$variables" && exec scripts/chaos

check: ## run the linters
	@scripts/check

translations: ## export the template, bring the languages up to it
	@scripts/translations

pictures: ## take the pictures of the store page anew
	@scripts/store_pictures

bench: ## compare speed with JSON-2 and the bare ORM (20 minutes)
	@scripts/bench

shell: ## open Odoo's Python shell on the demo database
	@scripts/shell

clean: ## stop everything, remove .sandbox (CLEAN_CACHE=1: the cache too)
	@scripts/clean
