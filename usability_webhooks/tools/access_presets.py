# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Access profiles to start from: small, complete, and narrow on purpose.

Field by field, never "all": a field that another addon adds tomorrow is not in
anybody's hands until somebody puts it there. Models, fields and methods a database
does not have are left out when a profile is made.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping


@dataclasses.dataclass(frozen=True, slots=True)
class PresetRule:
    """What a preset allows on one model, as words with blanks between.

    :param may: some of ``access_grant.OPERATIONS``.
    :param reads: fields that may be read, searched and sorted by.
    :param writes: fields a payload may name.
    :param methods: what ``call_function`` may call.
    """

    may: str
    reads: str
    writes: str = ""
    methods: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Preset:
    """A profile to start from.

    :param needs: the models without which it is of no use.
    :param routes: names of routes, with blanks between.
    :param limits: values of ``api.access.profile``.
    """

    routes: str
    rules: Mapping[str, PresetRule]
    needs: tuple[str, ...] = ()
    limits: Mapping[str, int | bool] = dataclasses.field(default_factory=dict)


_CODES = PresetRule("read", "name code display_name")
_NAMES = PresetRule("read", "name display_name")

REPORTING = Preset(
    routes="search_data",
    rules={
        "sale.order": PresetRule(
            "read",
            "name display_name state date_order partner_id company_id currency_id"
            " user_id team_id order_line amount_untaxed amount_tax amount_total"
            " invoice_status write_date",
        ),
        "sale.order.line": PresetRule(
            "read",
            "order_id sequence product_id product_uom_id product_uom_qty qty_delivered"
            " qty_invoiced price_unit discount price_subtotal price_total state",
        ),
        "purchase.order": PresetRule(
            "read",
            "name display_name state priority date_order date_planned partner_id"
            " company_id currency_id user_id order_line amount_untaxed amount_tax"
            " amount_total invoice_status write_date",
        ),
        "purchase.order.line": PresetRule(
            "read",
            "order_id sequence product_id product_uom_id product_qty qty_received"
            " qty_invoiced price_unit price_subtotal price_total state",
        ),
        "account.move": PresetRule(
            "read",
            "name display_name ref move_type state payment_state date invoice_date"
            " invoice_date_due partner_id journal_id company_id currency_id"
            " invoice_line_ids amount_untaxed amount_tax amount_total amount_residual"
            " write_date",
        ),
        "account.move.line": PresetRule(
            "read",
            "move_id move_name date account_id partner_id product_id name quantity"
            " price_unit price_subtotal price_total debit credit balance"
            " amount_currency currency_id company_id journal_id display_type"
            " parent_state",
        ),
        "account.account": PresetRule("read", "name code account_type display_name"),
        "account.journal": PresetRule(
            "read", "name code type sequence company_id display_name"
        ),
        "stock.quant": PresetRule(
            "read", "product_id location_id quantity reserved_quantity company_id"
        ),
        "stock.location": PresetRule("read", "name complete_name usage display_name"),
        "product.product": PresetRule(
            "read",
            "name display_name default_code barcode type categ_id list_price uom_id"
            " active",
        ),
        "product.category": PresetRule("read", "name complete_name display_name"),
        "res.partner": PresetRule(
            "read",
            "name complete_name display_name ref is_company parent_id city country_id"
            " active",
        ),
        "res.users": _NAMES,
        "crm.team": PresetRule("read", "name sequence display_name"),
        "uom.uom": _NAMES,
        "res.country": _CODES,
        "res.currency": PresetRule("read", "name symbol active display_name"),
        "res.company": PresetRule("read", "name sequence display_name"),
    },
    limits={"requests_per_minute": 60, "rows_per_minute": 60_000},
)

_CUSTOMER = (
    "name ref email phone street street2 zip city state_id country_id vat lang"
    " is_company type child_ids"
)
WEB_SHOP = Preset(
    routes="search_data create_data create_update_data update_data call_function",
    needs=("sale.order",),
    rules={
        "sale.order": PresetRule(
            "read create update call",
            "name display_name state client_order_ref date_order commitment_date"
            " partner_id partner_invoice_id partner_shipping_id order_line currency_id"
            " amount_untaxed amount_tax amount_total invoice_status delivery_status"
            " company_id write_date",
            "client_order_ref date_order commitment_date partner_id"
            " partner_invoice_id partner_shipping_id order_line note",
            "action_confirm",
        ),
        "sale.order.line": PresetRule(
            "read create update",
            "sequence product_id name product_uom_qty product_uom_id price_unit"
            " discount price_subtotal price_tax price_total qty_delivered qty_invoiced",
            "sequence product_id name product_uom_qty product_uom_id price_unit"
            " discount",
        ),
        "res.partner": PresetRule(
            "read create update",
            f"{_CUSTOMER} parent_id complete_name display_name active write_date",
            # Not parent_id: a portal user sees what is its parent's.
            _CUSTOMER,
        ),
        "product.product": PresetRule(
            "read",
            "name display_name default_code barcode list_price uom_id sale_ok"
            " active write_date",
        ),
        "uom.uom": _NAMES,
        "res.country": _CODES,
        "res.country.state": PresetRule("read", "name code country_id display_name"),
        "res.currency": PresetRule("read", "name symbol active display_name"),
        "res.company": PresetRule("read", "name sequence display_name"),
    },
    limits={
        "requests_per_minute": 300,
        "rows_per_minute": 6_000,
        "max_body_kib": 1_024,
        "max_records": 200,
        "needs_idempotency_key": True,
    },
)

STOCK_SCANNER = Preset(
    routes="search_data update_data call_function",
    needs=("stock.picking",),
    rules={
        "stock.picking": PresetRule(
            "read call",
            "name display_name origin state priority scheduled_date picking_type_id"
            " location_id location_dest_id move_ids move_line_ids",
            methods="action_assign button_validate",
        ),
        "stock.move": PresetRule(
            "read update",
            "sequence product_id product_uom product_uom_qty quantity picked state"
            " location_id location_dest_id picking_id move_line_ids",
            "quantity picked",
        ),
        "stock.move.line": PresetRule(
            "read update",
            "product_id product_uom_id quantity picked lot_id lot_name location_id"
            " location_dest_id move_id picking_id state",
            "quantity picked lot_id lot_name location_id location_dest_id",
        ),
        "stock.picking.type": PresetRule("read", "name code sequence display_name"),
        "stock.location": PresetRule(
            "read", "name complete_name barcode usage display_name"
        ),
        "stock.lot": PresetRule("read", "name product_id display_name"),
        "stock.quant": PresetRule(
            "read", "product_id location_id lot_id quantity reserved_quantity"
        ),
        "product.product": PresetRule(
            "read",
            "name display_name default_code barcode tracking uom_id active",
        ),
        "uom.uom": _NAMES,
    },
    limits={"requests_per_minute": 300, "rows_per_minute": 20_000},
)

PRESETS = {
    "reporting": REPORTING,
    "web_shop": WEB_SHOP,
    "stock_scanner": STOCK_SCANNER,
}
