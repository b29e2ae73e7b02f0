package dev.agentlab.keys;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.agentlab.json.SchemaDescription;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;

/// An API key, as the API returns it.
///
/// @param prefix the beginning of the key, which identifies it
/// @param scopes the scopes of its caller, with agents by id
/// @param createdBy the id of the caller that created it
/// @param ownerId the id of the caller that made it for itself
/// @param lastUsedAt the time of the last use, with a precision of one minute
/// @param previousExpiresAt the expiry of the secret that the last rotation replaced
/// @param key the key itself, only in the response that creates or rotates it
@JsonInclude(JsonInclude.Include.NON_ABSENT)
public record ApiKey(
    UUID id,
    String name,
    KeyType type,
    @SchemaDescription("The beginning of the key, which identifies it.") String prefix,
    @SchemaDescription(
            "The scopes of its caller. An agent is given by its id, as in `invoke:<id>`.")
        List<String> scopes,
    Status status,
    @SchemaDescription("The id of the caller that created it.") String createdBy,
    @SchemaDescription(
            "The id of the caller that made it for itself, under `/api/me/keys`. If that is a key,"
                + " this one ends with it.")
        Optional<String> ownerId,
    Instant createdAt,
    Optional<Instant> expiresAt,
    @SchemaDescription("The time of the last use, with a precision of one minute.")
        Optional<Instant> lastUsedAt,
    Optional<Instant> revokedAt,
    @SchemaDescription("The expiry of the secret that the last rotation replaced.")
        Optional<Instant> previousExpiresAt,
    @SchemaDescription("The key itself. It is returned only once.") Optional<ApiKeyToken> key) {

  /// The state of a key. Only an active key authenticates its caller.
  public enum Status {
    ACTIVE,
    EXPIRED,
    REVOKED,
    /// The row was modified outside the service.
    INVALID;

    @Override
    @JsonValue
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public ApiKey {
    scopes = List.copyOf(scopes);
  }

  ApiKey withKey(ApiKeyToken token) {
    return new ApiKey(
        id,
        name,
        type,
        prefix,
        scopes,
        status,
        createdBy,
        ownerId,
        createdAt,
        expiresAt,
        lastUsedAt,
        revokedAt,
        previousExpiresAt,
        Optional.of(token));
  }
}
