DROP INDEX IF EXISTS idx_providers_created_at;
DROP INDEX IF EXISTS idx_providers_name;
DROP TABLE IF EXISTS providers;
