-- A copy for testing sends nothing: what waits is dropped, what signs is gone.
UPDATE webhook_endpoint
   SET state = 'disabled',
       state_reason = 'This database is a neutralized copy.';

UPDATE webhook_outbound_delivery
   SET state = 'cancelled',
       last_error = 'This database is a neutralized copy.',
       lease_until = NULL,
       lease_token = NULL
 WHERE state IN ('pending', 'sending');

DELETE FROM webhook_endpoint_secret;

UPDATE webhook_endpoint_header
   SET secret_value = NULL;
