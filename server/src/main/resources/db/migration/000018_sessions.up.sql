-- The sessions of browsers. Only a keyed hash of the token in the cookie is stored.
CREATE TABLE sessions (
    id            UUID PRIMARY KEY,
    token_hash    BYTEA NOT NULL UNIQUE,
    -- The API key that owns the session: the id in its text, and the keyed hash of its text.
    key_id        TEXT,
    key_hash      BYTEA,
    -- The caller of an identity provider that owns the session, its rights, and when they were confirmed.
    issuer        TEXT,
    subject       TEXT,
    name          TEXT,
    scopes        TEXT[],
    checked_at    TIMESTAMP WITH TIME ZONE,
    -- Encrypted; null if the identity provider gave none.
    refresh_token TEXT,
    -- When a replica began to refresh the rights.
    refreshing_at TIMESTAMP WITH TIME ZONE,
    created_at    TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now(),
    expires_at    TIMESTAMP WITH TIME ZONE NOT NULL,
    last_used_at  TIMESTAMP WITH TIME ZONE NOT NULL,
    -- A keyed hash of all columns that determine authentication and authorization: a row modified by hand is rejected.
    mac           BYTEA NOT NULL,
    CHECK ((key_id IS NULL) = (key_hash IS NULL)),
    CHECK ((key_id IS NULL) <> (subject IS NULL)),
    CHECK ((subject IS NULL) = (issuer IS NULL)
        AND (subject IS NULL) = (name IS NULL)
        AND (subject IS NULL) = (scopes IS NULL)
        AND (subject IS NULL) = (checked_at IS NULL))
);

CREATE INDEX idx_sessions_owner ON sessions (coalesce(key_id, subject), created_at);

-- All columns but refreshing_at, which only coordinates replicas.
CREATE TRIGGER sessions_changed AFTER INSERT OR DELETE OR UPDATE OF
    id, token_hash, key_id, key_hash, issuer, subject, name, scopes, checked_at, refresh_token, created_at, expires_at,
    last_used_at, mac ON sessions
    FOR EACH ROW EXECUTE FUNCTION tell_change();
CREATE TRIGGER sessions_truncated AFTER TRUNCATE ON sessions
    FOR EACH STATEMENT EXECUTE FUNCTION tell_change();

CREATE TRIGGER sessions_shredded AFTER DELETE ON sessions
    FOR EACH ROW EXECUTE FUNCTION shred_data_key();
CREATE TRIGGER sessions_all_shredded AFTER TRUNCATE ON sessions
    FOR EACH STATEMENT EXECUTE FUNCTION shred_data_key();

-- The links that start a session once, for the API key that made them.
CREATE TABLE sign_in_links (
    id         UUID PRIMARY KEY,
    token_hash BYTEA NOT NULL UNIQUE,
    key_id     TEXT NOT NULL,
    key_hash   BYTEA NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    mac        BYTEA NOT NULL
);
