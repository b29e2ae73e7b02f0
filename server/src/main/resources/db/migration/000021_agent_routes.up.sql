-- The route whose targets an agent calls, in the place of a provider. An earlier program that gives such an agent a
-- provider leaves the route here: a provider takes precedence.
ALTER TABLE agents ADD COLUMN route_id UUID REFERENCES model_routes (id) ON DELETE RESTRICT;
CREATE INDEX idx_agents_route_id ON agents (route_id) WHERE route_id IS NOT NULL;

-- A route that only an old revision names may be deleted.
ALTER TABLE agent_revisions ADD COLUMN route_id UUID;
