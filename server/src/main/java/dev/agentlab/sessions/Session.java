package dev.agentlab.sessions;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.agentlab.json.SchemaDescription;
import dev.agentlab.security.CallerInfo;
import java.time.Instant;
import java.util.Optional;

/// Who is signed in, as the API returns it.
///
/// @param origin scheme, host and port where people and programs reach the service
/// @param expiresAt the latest end of the session; empty for a caller without one
@JsonInclude(JsonInclude.Include.NON_ABSENT)
public record Session(
    CallerInfo caller,
    @SchemaDescription(
            "The address of the service, for people and programs: `server.public_url`, else the one of"
                + " the request.")
        String origin,
    @SchemaDescription(
            "The latest end of the session, which ends earlier if it is not used for two hours."
                + " Absent if the request has another credential.")
        Optional<Instant> expiresAt) {}
