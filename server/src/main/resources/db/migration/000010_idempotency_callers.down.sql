-- Several callers may have used the same key.
DELETE FROM idempotency_keys;

ALTER TABLE idempotency_keys
    DROP CONSTRAINT idempotency_keys_pkey,
    DROP COLUMN caller_kind,
    DROP COLUMN caller_id,
    ADD PRIMARY KEY (route, key);
