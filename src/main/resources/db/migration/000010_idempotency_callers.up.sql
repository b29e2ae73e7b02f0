-- A key is one caller's own: what another was answered under the same text is none of their business. Whose the keys
-- were so far is not known.
DELETE FROM idempotency_keys;

ALTER TABLE idempotency_keys
    DROP CONSTRAINT idempotency_keys_pkey,
    ADD COLUMN caller_kind TEXT NOT NULL,
    ADD COLUMN caller_id   TEXT NOT NULL,
    ADD PRIMARY KEY (route, caller_kind, caller_id, key);
