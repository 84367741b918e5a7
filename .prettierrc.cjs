// Copyright 2026 The usability_webhooks authors
// License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

// The values of OCA's template; indentation comes from .editorconfig.
// "preserve", not "ignore": in a view, a space between inline elements is text
// ("<b>a</b>, b" must not become "a , b").
module.exports = {
  plugins: [require.resolve("@prettier/plugin-xml")],
  bracketSpacing: false,
  printWidth: 88,
  semi: true,
  trailingComma: "es5",
  xmlWhitespaceSensitivity: "preserve",
};
