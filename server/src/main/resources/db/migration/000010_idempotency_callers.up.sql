-- Scopes a key to its caller, who must not receive the response to another caller with the same key. The callers of the
-- existing keys are unknown.
DELETE FROM idempotency_keys;

ALTER TABLE idempotency_keys
    DROP CONSTRAINT idempotency_keys_pkey,
    ADD COLUMN caller_kind TEXT NOT NULL,
    ADD COLUMN caller_id   TEXT NOT NULL,
    ADD PRIMARY KEY (route, caller_kind, caller_id, key);
