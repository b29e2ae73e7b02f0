DROP TABLE idempotency_keys;

DROP TRIGGER providers_total_truncated ON providers;
DROP TRIGGER providers_total_deleted ON providers;
DROP TRIGGER providers_total_inserted ON providers;
DROP FUNCTION track_table_total();
DROP TABLE table_totals;

DROP INDEX idx_providers_updated_at_id;
DROP INDEX idx_providers_created_at_id;
DROP INDEX idx_providers_name_trigrams;

ALTER TABLE providers
    DROP COLUMN version,
    ALTER COLUMN updated_at DROP NOT NULL,
    ALTER COLUMN created_at DROP NOT NULL;

-- The extension pg_trgm is kept, because it may have existed before.
