-- The API keys. Only a keyed hash of the secret is stored.
CREATE TABLE api_keys (
    id                  UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    name                TEXT NOT NULL,
    type                TEXT NOT NULL CHECK (type IN ('admin', 'key')),
    key_id              TEXT NOT NULL UNIQUE,
    key_hash            BYTEA NOT NULL,
    -- The hash of the key before its rotation, and the time until which it is accepted.
    previous_hash       BYTEA,
    previous_expires_at TIMESTAMP WITH TIME ZONE,
    scopes              TEXT[] NOT NULL,
    created_by          TEXT NOT NULL,
    created_at          TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now(),
    expires_at          TIMESTAMP WITH TIME ZONE,
    last_used_at        TIMESTAMP WITH TIME ZONE,
    revoked_at          TIMESTAMP WITH TIME ZONE,
    -- A keyed hash of all columns that determine authentication and authorization: a row modified by hand is rejected.
    mac                 BYTEA NOT NULL,
    CHECK ((previous_hash IS NULL) = (previous_expires_at IS NULL))
);

CREATE INDEX idx_api_keys_created_at_id ON api_keys (created_at, id);

INSERT INTO table_totals (table_name, slot, total)
SELECT 'api_keys', slot, 0 FROM generate_series(0, 15) AS slot;

CREATE TRIGGER api_keys_total_inserted AFTER INSERT ON api_keys
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION track_table_total();
CREATE TRIGGER api_keys_total_deleted AFTER DELETE ON api_keys
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION track_table_total();
CREATE TRIGGER api_keys_total_truncated AFTER TRUNCATE ON api_keys
    FOR EACH STATEMENT EXECUTE FUNCTION track_table_total();

-- All columns but last_used_at, whose changes no cache depends on.
CREATE TRIGGER api_keys_changed AFTER INSERT OR DELETE OR UPDATE OF
    id, name, type, key_id, key_hash, previous_hash, previous_expires_at, scopes, created_by, created_at,
    expires_at, revoked_at, mac ON api_keys
    FOR EACH ROW EXECUTE FUNCTION tell_change();
CREATE TRIGGER api_keys_truncated AFTER TRUNCATE ON api_keys
    FOR EACH STATEMENT EXECUTE FUNCTION tell_change();
