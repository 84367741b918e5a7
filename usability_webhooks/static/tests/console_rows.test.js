// Copyright 2026 The usability_webhooks authors
// License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import {describe, expect, test} from "@odoo/hoot";
import {
    buildObject,
    buildValue,
    fillRow,
    findErrors,
    makeRow,
} from "@usability_webhooks/console/console_rows";
import {
    getSnippet,
    toPhp,
    toPython,
} from "@usability_webhooks/console/console_snippets";

describe.current.tags("headless");

/** What a request of the log may hold for a field, by its type. */
const SENT = {
    char: ["x", "", 5, true, false, null],
    integer: [5, "5", 0],
    float: [1.5, 0],
    boolean: [true, false, "true"],
    date: ["2026-01-01", "2026-01-01 00:00"],
    datetime: ["2026-11-27 10:00:00", "2026-11-27T10:00:00.000Z"],
    many2one: [{name: "x"}, 5, null, false],
    many2many: [[{id: 1}], [], null, {mode: "add", records: []}],
    one2many: [[], null, [5], {mode: "merge", records: []}],
    text: ["a", {en_US: "a"}],
    json: [{a: 1}, "x", [1]],
};

const row = (type) => makeRow("field", {"x-type": type});

test("a request of the log is sent again as it was", () => {
    for (const [type, values] of Object.entries(SENT)) {
        for (const value of values) {
            const filled = fillRow(row(type), value, () => ({rows: []}));
            expect(buildValue(filled)).toEqual(value, {
                message: `${type} ${JSON.stringify(value)}`,
            });
        }
    }
    for (const value of [true, 5, "x", null, {a: 1}]) {
        expect(buildValue(fillRow(makeRow("unknown"), value))).toEqual(value);
    }
});

test("what nobody filled in is not sent", () => {
    expect(buildObject(Object.keys(SENT).map(row))).toEqual({});
});

test("an emptied field is sent as null, lines as none", () => {
    expect(buildValue({...row("char"), isEmptied: true})).toBe(null);
    expect(buildValue({...row("one2many"), isEmptied: true})).toEqual([]);
});

test("text that is no JSON or no number is told", () => {
    expect(() => buildValue({...row("json"), value: "{"})).toThrow();
    expect(() => buildValue({...row("integer"), value: "x"})).toThrow();
});

test("an error stands at its own field, or at the nearest above it", () => {
    const errors = [{path: "payload.lines[1].product_id"}];
    expect(findErrors(errors, "payload.lines[1].product_id", true)).toEqual(errors);
    expect(findErrors(errors, "payload.lines", true)).toEqual(errors);
    expect(findErrors(errors, "payload.lines", false)).toEqual([]);
    expect(findErrors(errors, "payload.line", true)).toEqual([]);
});

test("values are written as each language has them", () => {
    const value = {a: [null, true, 1.5, 'it\'s "so" \\'], b: {}};
    expect(toPython(value).replace(/\s+/gu, " ")).toBe(
        '{ "a": [ None, True, 1.5, "it\'s \\"so\\" \\\\", ], "b": {}, }'
    );
    expect(toPhp(value).replace(/\s+/gu, " ")).toBe(
        "[ 'a' => [ null, true, 1.5, 'it\\'s \"so\" \\\\', ], 'b' => new stdClass(), ]"
    );
    expect(getSnippet("curl", "http://x/api", {a: "it's"})).toInclude("it'\\''s");
});

test("no snippet holds a key", () => {
    for (const language of ["curl", "python", "javascript", "php", "csharp"]) {
        expect(getSnippet(language, "http://x/api", {})).toInclude("ODOO_API_KEY");
    }
});
