// Copyright 2026 The usability_webhooks authors
// License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import {_t} from "@web/core/l10n/translation";
import {formatFloat} from "@web/views/fields/formatters";

/** Say milliseconds, a figure of two digits, as people do: 45 ms, 1.2 s, 13 s. */
export function formatTime(milliseconds) {
    if (milliseconds < 1000) {
        return _t("%s ms", milliseconds);
    }
    const seconds = milliseconds / 1000;
    return _t("%s s", formatFloat(seconds, {digits: [16, seconds < 10 ? 1 : 0]}));
}
