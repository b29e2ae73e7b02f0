-- The running services, each with the ids of the key-encryption keys that it can read, the newest first. A service
-- writes its row every second and deletes it when it stops; a row that is a minute old is deleted by the others.
-- Unlogged: it costs no WAL, and after a crash of the server the services write it again.
CREATE UNLOGGED TABLE replicas (
    id      UUID PRIMARY KEY,
    address TEXT NOT NULL,
    source  TEXT NOT NULL,
    keks    TEXT[] NOT NULL,
    seen_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now()
);
