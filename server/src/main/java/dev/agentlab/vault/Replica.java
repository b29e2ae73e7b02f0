package dev.agentlab.vault;

import dev.agentlab.json.SchemaDescription;
import dev.agentlab.json.SchemaName;
import java.time.Instant;
import java.util.UUID;

/// A replica that has announced itself within the last minute.
@SchemaName("Replica")
public record Replica(
    UUID id,
    @SchemaDescription("The address from which it uses the database, and the port it listens on.")
        String address,
    @SchemaDescription("When it announced itself last, which it does every second.") Instant seenAt,
    @SchemaDescription("Whether it is the replica that answers.") boolean self) {}
