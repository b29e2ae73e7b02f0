-- Agents over a route stay, without a provider: they cannot be called until they get one.
ALTER TABLE agent_revisions DROP COLUMN route_id;
DROP INDEX idx_agents_route_id;
ALTER TABLE agents DROP COLUMN route_id;
