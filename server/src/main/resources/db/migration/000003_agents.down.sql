DROP INDEX IF EXISTS idx_agents_created_at;
DROP INDEX IF EXISTS idx_agents_name;
DROP TABLE IF EXISTS agents;
