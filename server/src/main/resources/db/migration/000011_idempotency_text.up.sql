-- Preserves the exact text of the response; JSONB reorders members.
ALTER TABLE idempotency_keys ALTER COLUMN response TYPE TEXT;
