-- The limits of a caller are those of the responses that the service keeps: the others may be many more.
DROP INDEX idx_responses_owner_created_at;
CREATE INDEX idx_responses_kept ON responses (owner, created_at DESC) INCLUDE (bytes) WHERE bytes > 0;
