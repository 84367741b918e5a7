// Copyright 2026 The usability_webhooks authors
// License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
// One request in the languages people call it from. The key is left out: each takes
// it from where secrets are kept.

const ENVIRONMENT = "ODOO_API_KEY";

export const LANGUAGES = [
    {id: "json", label: "JSON"},
    {id: "curl", label: "curl"},
    {id: "python", label: "Python"},
    {id: "javascript", label: "JavaScript"},
    {id: "php", label: "PHP"},
    {id: "csharp", label: "C#"},
];

/**
 * Return the code that sends a request.
 *
 * @param {String} language one of LANGUAGES
 * @param {String} url
 * @param {Object} body
 */
export function getSnippet(language, url, body) {
    return GENERATORS[language](url, body);
}

const indent = (value) => JSON.stringify(value, null, 2);

function shellQuote(text) {
    return `'${text.replaceAll("'", "'\\''")}'`;
}

function getCurl(url, body) {
    return [
        `curl ${shellQuote(url)} \\`,
        `  -H "Authorization: Bearer $${ENVIRONMENT}" \\`,
        "  -H 'Content-Type: application/json' \\",
        `  -d ${shellQuote(indent(body))}`,
    ].join("\n");
}

/** Return a value as Python writes it. */
export function toPython(value, depth = 0) {
    const pad = "    ".repeat(depth + 1);
    const end = "    ".repeat(depth);
    if (Array.isArray(value)) {
        const items = value.map((item) => `${pad}${toPython(item, depth + 1)},\n`);
        return items.length ? `[\n${items.join("")}${end}]` : "[]";
    }
    if (value !== null && typeof value === "object") {
        const items = Object.entries(value).map(
            ([key, item]) =>
                `${pad}${JSON.stringify(key)}: ${toPython(item, depth + 1)},\n`
        );
        return items.length ? `{\n${items.join("")}${end}}` : "{}";
    }
    return {null: "None", true: "True", false: "False"}[value] || JSON.stringify(value);
}

function getPython(url, body) {
    return [
        "import os",
        "",
        "import requests",
        "",
        "response = requests.post(",
        `    ${JSON.stringify(url)},`,
        `    headers={"Authorization": f"Bearer {os.environ['${ENVIRONMENT}']}"},`,
        `    json=${toPython(body, 1)},`,
        "    timeout=30,",
        ")",
        "response.raise_for_status()",
        'answer = response.json()["result"]',
        'if not answer["is_success"]:',
        '    raise RuntimeError(answer["errors"])',
        'print(answer["result"])',
    ].join("\n");
}

function getJavascript(url, body) {
    return [
        `const response = await fetch(${JSON.stringify(url)}, {`,
        '    method: "POST",',
        "    headers: {",
        `        Authorization: \`Bearer \${process.env.${ENVIRONMENT}}\`,`,
        '        "Content-Type": "application/json",',
        "    },",
        `    body: JSON.stringify(${indent(body).replaceAll("\n", "\n    ")}),`,
        "});",
        "const {result, error} = await response.json();",
        "if (error || !result.is_success) {",
        "    throw new Error(JSON.stringify(error || result.errors));",
        "}",
        "console.log(result.result);",
    ].join("\n");
}

function phpString(text) {
    return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}

/** Return a value as PHP writes it. */
export function toPhp(value, depth = 0) {
    const pad = "    ".repeat(depth + 1);
    const end = "    ".repeat(depth);
    if (Array.isArray(value)) {
        const items = value.map((item) => `${pad}${toPhp(item, depth + 1)},\n`);
        return items.length ? `[\n${items.join("")}${end}]` : "[]";
    }
    if (value !== null && typeof value === "object") {
        const items = Object.entries(value).map(
            ([key, item]) => `${pad}${phpString(key)} => ${toPhp(item, depth + 1)},\n`
        );
        // An empty array would be sent as a list.
        return items.length ? `[\n${items.join("")}${end}]` : "new stdClass()";
    }
    return typeof value === "string" ? phpString(value) : String(value);
}

function getPhp(url, body) {
    return [
        "<?php",
        `$request = ${toPhp(body)};`,
        `$curl = curl_init(${phpString(url)});`,
        "curl_setopt_array($curl, [",
        "    CURLOPT_RETURNTRANSFER => true,",
        "    CURLOPT_HTTPHEADER => [",
        `        'Authorization: Bearer ' . getenv('${ENVIRONMENT}'),`,
        "        'Content-Type: application/json',",
        "    ],",
        "    CURLOPT_POSTFIELDS => json_encode($request),",
        "]);",
        "$answer = json_decode(curl_exec($curl), true);",
        "if (!($answer['result']['is_success'] ?? false)) {",
        "    throw new RuntimeException(json_encode($answer));",
        "}",
        "print_r($answer['result']['result']);",
    ].join("\n");
}

function getCsharp(url, body) {
    const verbatim = indent(body).replaceAll('"', '""');
    return [
        "using System.Net.Http.Headers;",
        "using System.Text;",
        "",
        "using var client = new HttpClient();",
        "client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(",
        `    "Bearer", Environment.GetEnvironmentVariable("${ENVIRONMENT}"));`,
        `var body = @"${verbatim}";`,
        "var response = await client.PostAsync(",
        `    ${JSON.stringify(url)},`,
        '    new StringContent(body, Encoding.UTF8, "application/json"));',
        "Console.WriteLine(await response.Content.ReadAsStringAsync());",
    ].join("\n");
}

const GENERATORS = {
    json: (_url, body) => indent(body),
    curl: getCurl,
    python: getPython,
    javascript: getJavascript,
    php: getPhp,
    csharp: getCsharp,
};
