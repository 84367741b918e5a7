// Copyright 2026 The usability_webhooks authors
// License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import {browser} from "@web/core/browser/browser";
import {_t} from "@web/core/l10n/translation";

/**
 * Send a request in the session of the browser.
 *
 * @returns {Object} `isSuccess`, `isDry`, `message`, `errors`, `result`, `requestId`,
 *     `json` the whole answer, `status` of HTTP
 */
export async function send(url, body) {
    let response = null;
    let answer = null;
    try {
        response = await browser.fetch(url, {
            method: "POST",
            headers: {"Content-Type": "application/json"},
            body: JSON.stringify(body),
        });
        answer = await response.json();
    } catch {
        const message = _t("The server did not answer. Is it running?");
        return {isSuccess: false, message, errors: [], json: "", status: 0};
    }
    const {error, result} = answer;
    return {
        isSuccess: Boolean(result?.is_success),
        isDry: Boolean(result?.dry_run),
        message: error ? error.message : result.messages,
        errors: result?.errors || [],
        code: error?.data.code,
        result: result?.result,
        requestId: response.headers.get("X-Request-Id"),
        json: JSON.stringify(answer, null, 2),
        status: response.status,
    };
}
