// Copyright 2026 The usability_webhooks authors
// License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import {registry} from "@web/core/registry";

// The password of a test user is its login; see tests/test_api_key_tour.py.
const confirmPassword = (password) => [
    {
        content: "the password is asked for",
        trigger: ".modal [name=password] input",
        run: `edit ${password}`,
    },
    {
        content: "confirm it",
        trigger: ".modal button:contains(Confirm Password)",
        run: "click",
    },
];

const chooseProfile = [
    {
        content: "look for the profile",
        trigger: ".modal [name=api_profile_id] input",
        run: "edit Tour Profile",
    },
    {
        content: "choose it",
        trigger: ".o-autocomplete--dropdown-item:contains(Tour Profile)",
        run: "click",
    },
];

// A user makes a key for one purpose, in the dialog known from Odoo.
registry.category("web_tour.tours").add("usability_webhooks_api_key_own", {
    steps: () => [
        {
            content: "open the user menu",
            trigger: ".o_user_menu .dropdown-toggle",
            run: "click",
        },
        {
            content: "open the preferences",
            trigger: "[data-menu=preferences]",
            run: "click",
        },
        {
            content: "switch to the security tab",
            trigger: "a[role=tab]:contains(Security)",
            run: "click",
        },
        {
            content: "add a key",
            trigger: "button[name=api_key_wizard]",
            run: "click",
        },
        ...confirmPassword("api_tester"),
        {
            content: "say what it is for",
            trigger: ".modal [name=name] input",
            run: "edit tour key",
        },
        ...chooseProfile,
        {
            content: "make it",
            trigger: ".modal button[name=make_key]",
            run: "click",
        },
        {
            content: "the key is shown, with what it may do",
            trigger: ".modal .alert:visible:contains(Tour Profile)",
        },
        {
            content: "and not as one that may do everything",
            trigger: ".modal:not(:has(.alert:visible:contains(full access)))",
        },
        {
            content: "and with a call the profile allows",
            trigger: ".modal [name=api_example_call]:contains(res.country)",
        },
        {
            content: "done",
            trigger: ".modal footer button:contains(Done)",
            run: "click",
        },
        {
            content: "the dialog is gone",
            trigger: "body:not(:has(.modal))",
        },
    ],
});

// An administrator makes one for a service user, replaces it and ends the old one.
registry.category("web_tour.tours").add("usability_webhooks_api_key_issue", {
    steps: () => [
        {
            content: "switch to the security tab of the service user",
            trigger: "a[role=tab]:contains(Security)",
            run: "click",
        },
        {
            content: "issue a key",
            trigger: "button[name=action_api_issue_key]",
            run: "click",
        },
        ...confirmPassword("api_system"),
        {
            content: "the dialog says whose it will be",
            trigger: ".modal [name=user_id]:contains(api_service)",
        },
        {
            content: "say what it is for",
            trigger: ".modal [name=name] input",
            run: "edit shop key",
        },
        ...chooseProfile,
        {
            content: "make it",
            trigger: ".modal button[name=make_key]",
            run: "click",
        },
        {
            content: "it is shown, and whose it is",
            trigger: ".modal p:visible:contains(api_service):contains(not yours)",
        },
        {
            content: "done",
            trigger: ".modal footer button:contains(Done)",
            run: "click",
        },
        {
            content: "the dialog is gone",
            trigger: "body:not(:has(.modal))",
        },
    ],
});

registry.category("web_tour.tours").add("usability_webhooks_api_key_list", {
    steps: () => [
        {
            content: "the list shows whose key it is and what it may do",
            trigger:
                ".o_data_row:contains(shop key):contains(Tour Profile):contains(Never Used)",
        },
        {
            content: "replace it",
            trigger: ".o_data_row:contains(shop key) button[name=action_rotate]",
            run: "click",
        },
        {
            content: "the dialog names it",
            trigger: ".modal [name=key_name]:contains(shop key)",
        },
        {
            content: "rotate",
            trigger: ".modal footer button[name=make_key]",
            run: "click",
        },
        ...confirmPassword("api_system"),
        {
            content: "the new key is shown",
            trigger: ".modal .alert:visible:contains(Tour Profile)",
        },
        {
            content: "done",
            trigger: ".modal footer button:contains(Done)",
            run: "click",
        },
        {
            content: "the old key ends soon: open it",
            trigger: ".o_data_row:contains(Expires Soon) td[name=name]",
            run: "click",
        },
        {
            content: "revoke it",
            trigger: ".o_form_view button[name=action_revoke]",
            run: "click",
        },
        {
            content: "after a second thought",
            trigger: ".modal:contains(cannot be undone) footer .btn-primary",
            run: "click",
        },
        {
            content: "the list has the new one only",
            trigger: ".o_list_view:not(:has(.o_data_row:contains(Expires Soon)))",
        },
    ],
});
