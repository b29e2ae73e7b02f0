-- Blocks writers until the commit, so that the copy and the count below include all rows.
LOCK TABLE agents IN ACCESS EXCLUSIVE MODE;

UPDATE agents
SET created_at = coalesce(created_at, updated_at, now()),
    updated_at = coalesce(updated_at, created_at, now())
WHERE created_at IS NULL OR updated_at IS NULL;

-- An agent without a provider_id has an inline provider in its config.
ALTER TABLE agents
    ALTER COLUMN created_at SET NOT NULL,
    ALTER COLUMN updated_at SET NOT NULL,
    ADD COLUMN version BIGINT NOT NULL DEFAULT 1,
    ADD COLUMN provider_id UUID REFERENCES providers (id) ON DELETE RESTRICT;

CREATE INDEX idx_agents_provider_id ON agents (provider_id);

-- As for providers: substring search, and index-only scans for deep pages.
CREATE INDEX idx_agents_name_trigrams ON agents
    USING gin (name gin_trgm_ops) WITH (fastupdate = off);
CREATE INDEX idx_agents_created_at_id ON agents (created_at, id);
CREATE INDEX idx_agents_updated_at_id ON agents (updated_at, id);

INSERT INTO table_totals (table_name, slot, total)
SELECT 'agents', slot, CASE slot WHEN 0 THEN (SELECT count(*) FROM agents) ELSE 0 END
FROM generate_series(0, 15) AS slot;

CREATE TRIGGER agents_total_inserted AFTER INSERT ON agents
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION track_table_total();
CREATE TRIGGER agents_total_deleted AFTER DELETE ON agents
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION track_table_total();
CREATE TRIGGER agents_total_truncated AFTER TRUNCATE ON agents
    FOR EACH STATEMENT EXECUTE FUNCTION track_table_total();

-- What an agent was at each version. A provider that only an old revision names may be deleted.
CREATE TABLE agent_revisions (
    agent_id    UUID NOT NULL REFERENCES agents (id) ON DELETE CASCADE,
    revision    BIGINT NOT NULL,
    name        TEXT NOT NULL,
    config      JSONB NOT NULL,
    provider_id UUID,
    created_at  TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (agent_id, revision)
);

INSERT INTO agent_revisions (agent_id, revision, name, config, provider_id, created_at)
SELECT id, version, name, config, provider_id, updated_at FROM agents;
