-- A page of calls with a rare dialect or operation, or with one that never occurs, reads few rows.
CREATE INDEX idx_calls_dialect ON calls (dialect, started_at, id);
CREATE INDEX idx_calls_operation ON calls (operation, started_at, id);
