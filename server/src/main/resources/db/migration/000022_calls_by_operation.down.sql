DROP INDEX idx_calls_operation;
DROP INDEX idx_calls_dialect;
