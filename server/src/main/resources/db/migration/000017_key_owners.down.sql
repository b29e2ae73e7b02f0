DROP TRIGGER api_keys_changed ON api_keys;
CREATE TRIGGER api_keys_changed AFTER INSERT OR DELETE OR UPDATE OF
    id, name, type, key_id, key_hash, previous_hash, previous_expires_at, scopes, created_by, created_at,
    expires_at, revoked_at, mac ON api_keys
    FOR EACH ROW EXECUTE FUNCTION tell_change();
DROP INDEX idx_api_keys_name_trigrams;
DROP INDEX idx_api_keys_expires_at;
ALTER TABLE api_keys DROP COLUMN owner;
