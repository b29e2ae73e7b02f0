package dev.agentlab.kinds;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonValue;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// The models of a provider as far as they are known now.
///
/// @param data in the provider's order
/// @param fetchedAt when the data came; empty if none came yet
/// @param error why the last attempt to fetch failed, if it did; holds no secret
@JsonInclude(JsonInclude.Include.NON_ABSENT)
public record ModelList(
    List<Model> data, Optional<Instant> fetchedAt, State state, Optional<String> error) {

  /// How good the data is.
  public enum State {
    FRESH,
    /// Older than it should be; newer data is being fetched, or could not be.
    STALE,
    /// None yet, being fetched.
    LOADING,
    /// None, and the last attempt failed.
    FAILED;

    @Override
    @JsonValue
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public ModelList {
    data = List.copyOf(data);
  }
}
