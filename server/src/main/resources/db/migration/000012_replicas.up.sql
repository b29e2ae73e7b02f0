-- The running replicas, each with the ids of its available key-encryption keys, newest first. A replica writes its row
-- every second and deletes it when it stops; the other replicas delete a row that is one minute old. Unlogged, which
-- avoids WAL; after a crash of the server the replicas write their rows again.
CREATE UNLOGGED TABLE replicas (
    id      UUID PRIMARY KEY,
    address TEXT NOT NULL,
    source  TEXT NOT NULL,
    keks    TEXT[] NOT NULL,
    seen_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now()
);
