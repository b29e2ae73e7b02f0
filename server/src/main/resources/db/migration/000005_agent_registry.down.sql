DROP TABLE agent_revisions;

DROP TRIGGER agents_total_truncated ON agents;
DROP TRIGGER agents_total_deleted ON agents;
DROP TRIGGER agents_total_inserted ON agents;
DELETE FROM table_totals WHERE table_name = 'agents';

DROP INDEX idx_agents_updated_at_id;
DROP INDEX idx_agents_created_at_id;
DROP INDEX idx_agents_name_trigrams;
DROP INDEX idx_agents_provider_id;

-- Before this migration every agent has its provider in its config.
UPDATE agents
SET config = jsonb_set(agents.config, '{provider}', providers.config)
FROM providers
WHERE providers.id = agents.provider_id;

ALTER TABLE agents
    DROP COLUMN provider_id,
    DROP COLUMN version,
    ALTER COLUMN updated_at DROP NOT NULL,
    ALTER COLUMN created_at DROP NOT NULL;
