CREATE EXTENSION IF NOT EXISTS pg_trgm;

-- Blocks writers until the commit, so that the count below includes all rows.
LOCK TABLE providers IN ACCESS EXCLUSIVE MODE;

UPDATE providers
SET created_at = coalesce(created_at, updated_at, now()),
    updated_at = coalesce(updated_at, created_at, now())
WHERE created_at IS NULL OR updated_at IS NULL;

ALTER TABLE providers
    ALTER COLUMN created_at SET NOT NULL,
    ALTER COLUMN updated_at SET NOT NULL,
    ADD COLUMN version BIGINT NOT NULL DEFAULT 1;

-- Substring search. The index contains trigrams, so that it accepts names of any length. Without
-- fastupdate a write updates the index at once and no search scans a pending list; writes are rare.
CREATE INDEX idx_providers_name_trigrams ON providers
    USING gin (name gin_trgm_ops) WITH (fastupdate = off);

-- Index-only scans for deep pages in either direction. Pages by name use the unique index: names are
-- unique, and a long name might not fit an index that also contains the id.
CREATE INDEX idx_providers_created_at_id ON providers (created_at, id);
CREATE INDEX idx_providers_updated_at_id ON providers (updated_at, id);

-- The row count of a table, as the sum over its slots. A transaction writes to the slot of its
-- session only, so that writers rarely wait for each other.
CREATE TABLE table_totals (
    table_name TEXT NOT NULL,
    slot       SMALLINT NOT NULL,
    total      BIGINT NOT NULL,
    PRIMARY KEY (table_name, slot)
) WITH (fillfactor = 50);

INSERT INTO table_totals (table_name, slot, total)
SELECT 'providers', slot, CASE slot WHEN 0 THEN (SELECT count(*) FROM providers) ELSE 0 END
FROM generate_series(0, 15) AS slot;

CREATE FUNCTION track_table_total() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    change BIGINT;
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        UPDATE table_totals SET total = 0 WHERE table_name = TG_TABLE_NAME;
        RETURN NULL;
    END IF;
    SELECT count(*) INTO change FROM changed;
    IF change <> 0 THEN
        UPDATE table_totals
        SET total = total + CASE TG_OP WHEN 'INSERT' THEN change ELSE -change END
        WHERE table_name = TG_TABLE_NAME AND slot = pg_backend_pid() % 16;
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER providers_total_inserted AFTER INSERT ON providers
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION track_table_total();
CREATE TRIGGER providers_total_deleted AFTER DELETE ON providers
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION track_table_total();
CREATE TRIGGER providers_total_truncated AFTER TRUNCATE ON providers
    FOR EACH STATEMENT EXECUTE FUNCTION track_table_total();

-- The responses to create requests with an Idempotency-Key.
CREATE TABLE idempotency_keys (
    key          TEXT NOT NULL,
    route        TEXT NOT NULL,
    request_hash BYTEA NOT NULL,
    response     JSONB NOT NULL,
    created_at   TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now(),
    PRIMARY KEY (route, key)
);

CREATE INDEX idx_idempotency_keys_created_at ON idempotency_keys (created_at);
