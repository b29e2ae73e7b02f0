DROP INDEX idx_responses_kept;
CREATE INDEX idx_responses_owner_created_at ON responses (owner, created_at DESC) INCLUDE (bytes);
