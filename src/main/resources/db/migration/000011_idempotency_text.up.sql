-- The answer as it was written: JSONB has an order of its own for the members.
ALTER TABLE idempotency_keys ALTER COLUMN response TYPE TEXT;
