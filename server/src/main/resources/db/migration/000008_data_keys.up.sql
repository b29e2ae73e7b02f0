-- The data keys that encrypt secrets: one for each row that has secrets, one for the service (the owner
-- 'root'). Each is encrypted with a key-encryption key that is not in the database; kek is its id.
CREATE TABLE data_keys (
    owner_table TEXT NOT NULL,
    owner_id    UUID NOT NULL,
    kek         TEXT NOT NULL,
    wrapped     BYTEA NOT NULL,
    created_at  TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now(),
    PRIMARY KEY (owner_table, owner_id)
);

CREATE INDEX idx_data_keys_kek ON data_keys (kek);

-- Deletes the data key with its row, so that the secrets in backups and dead tuples can never be decrypted.
CREATE FUNCTION shred_data_key() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_LEVEL = 'STATEMENT' THEN
        DELETE FROM data_keys WHERE owner_table = TG_TABLE_NAME;
    ELSE
        DELETE FROM data_keys WHERE owner_table = TG_TABLE_NAME AND owner_id = OLD.id;
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER providers_shredded AFTER DELETE ON providers
    FOR EACH ROW EXECUTE FUNCTION shred_data_key();
CREATE TRIGGER providers_all_shredded AFTER TRUNCATE ON providers
    FOR EACH STATEMENT EXECUTE FUNCTION shred_data_key();
CREATE TRIGGER agents_shredded AFTER DELETE ON agents
    FOR EACH ROW EXECUTE FUNCTION shred_data_key();
CREATE TRIGGER agents_all_shredded AFTER TRUNCATE ON agents
    FOR EACH STATEMENT EXECUTE FUNCTION shred_data_key();

-- Unkeyed digests of requests that contain secrets, from which a short secret could be guessed. Later digests are
-- keyed.
DELETE FROM idempotency_keys;
