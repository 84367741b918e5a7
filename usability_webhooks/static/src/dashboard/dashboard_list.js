// Copyright 2026 The usability_webhooks authors
// License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import {Component} from "@odoo/owl";

/**
 * A short list; each row is a button that leads to what it tells of.
 *
 * A row is {id, label, note, isCode, badge: {tone, label}, cells, open}.
 */
export class DashboardList extends Component {
    static template = "usability_webhooks.DashboardList";
    static props = {
        title: String,
        heads: {type: Array, element: String, optional: true},
        rows: Array,
    };
    static defaultProps = {heads: []};
}
