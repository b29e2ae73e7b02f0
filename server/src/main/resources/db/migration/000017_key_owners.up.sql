-- The caller that made a key for itself, as "key:<id>" or "token:<subject>"; null for a key made with keys:admin.
ALTER TABLE api_keys ADD COLUMN owner TEXT;

CREATE INDEX idx_api_keys_owner ON api_keys (owner, created_at, id) WHERE owner IS NOT NULL;
CREATE INDEX idx_api_keys_expires_at ON api_keys (expires_at, id) WHERE revoked_at IS NULL;
CREATE INDEX idx_api_keys_name_trigrams ON api_keys
    USING gin (name gin_trgm_ops) WITH (fastupdate = off);

DROP TRIGGER api_keys_changed ON api_keys;
-- All columns but last_used_at, whose changes no cache depends on.
CREATE TRIGGER api_keys_changed AFTER INSERT OR DELETE OR UPDATE OF
    id, name, type, key_id, key_hash, previous_hash, previous_expires_at, scopes, created_by, created_at,
    expires_at, revoked_at, mac, owner ON api_keys
    FOR EACH ROW EXECUTE FUNCTION tell_change();
