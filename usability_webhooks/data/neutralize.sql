-- Each table is looked for first: core runs this on a database that is yet to be
-- upgraded too, and a failure here would leave the whole copy as it was.
DO $$
BEGIN
    -- delete the keys of the gateway: none of production's works on a copy
    IF to_regclass('api_access_key') IS NOT NULL THEN
        DELETE FROM res_users_apikeys
         WHERE scope = 'usability_webhooks'
            OR id IN (SELECT key_id FROM api_access_key);
    END IF;

    -- disable endpoints of webhooks, and forget what they are sent with
    IF to_regclass('webhook_endpoint') IS NOT NULL THEN
        UPDATE webhook_endpoint
           SET state = 'disabled',
               state_reason = 'This database is a neutralized copy.';
    END IF;
    IF to_regclass('webhook_endpoint_secret') IS NOT NULL THEN
        DELETE FROM webhook_endpoint_secret;
    END IF;
    IF to_regclass('webhook_endpoint_header') IS NOT NULL THEN
        DELETE FROM webhook_endpoint_header;
    END IF;

    -- cancel what waits to be sent
    IF to_regclass('webhook_outbound_delivery') IS NOT NULL THEN
        UPDATE webhook_outbound_delivery
           SET state = 'cancelled',
               next_attempt_at = NULL,
               lease_until = NULL,
               lease_token = NULL
         WHERE state IN ('pending', 'sending');
    END IF;
END $$;

-- refuse keys without a profile: they are core's, which keeps them on a copy
INSERT INTO ir_config_parameter (key, value)
VALUES ('webhook.allow_plain_keys', 'False')
    ON CONFLICT (key) DO
       UPDATE SET value = 'False';
