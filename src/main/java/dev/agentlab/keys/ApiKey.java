package dev.agentlab.keys;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.agentlab.json.Description;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;

/// A key as those may see it who manage keys.
///
/// @param prefix how the key itself begins
/// @param scopes what its caller may do, agents by their ids
/// @param createdBy the id of the caller who made it
/// @param lastUsedAt to the minute
/// @param previousExpiresAt until when the key is good that a rotation replaced
/// @param key the key itself, in the answer that makes it and in no other
@JsonInclude(JsonInclude.Include.NON_ABSENT)
public record ApiKey(
    UUID id,
    String name,
    KeyType type,
    @Description("How the key begins.") String prefix,
    List<String> scopes,
    Status status,
    @Description("The id of the caller who made it.") String createdBy,
    Instant createdAt,
    Optional<Instant> expiresAt,
    @Description("To the minute.") Optional<Instant> lastUsedAt,
    Optional<Instant> revokedAt,
    @Description("Until when the key before the last rotation is good as well.")
        Optional<Instant> previousExpiresAt,
    @Description("The key itself. It is shown this once.") Optional<ApiKeyToken> key) {

  /// Whether it still lets its caller in.
  public enum Status {
    ACTIVE,
    EXPIRED,
    REVOKED,
    /// It was changed in the database, not by the service.
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

  ApiKey with(ApiKeyToken made) {
    return new ApiKey(
        id,
        name,
        type,
        prefix,
        scopes,
        status,
        createdBy,
        createdAt,
        expiresAt,
        lastUsedAt,
        revokedAt,
        previousExpiresAt,
        Optional.of(made));
  }
}
