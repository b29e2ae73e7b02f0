package dev.agentlab.modelclient;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.agentlab.kinds.Model;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// The cached models of a provider.
///
/// @param data the models, in the provider's order
/// @param fetchedAt when the data was fetched; empty before the first successful fetch
/// @param error why the last fetch failed, if it did; contains no secrets
@JsonInclude(JsonInclude.Include.NON_ABSENT)
public record ModelList(
    List<Model> data, Optional<Instant> fetchedAt, State state, Optional<String> error) {

  /// The freshness of the data.
  public enum State {
    FRESH,
    /// Outdated; newer data is being fetched, or the fetch failed.
    STALE,
    /// No data yet; the first fetch is running.
    LOADING,
    /// No data; the last fetch failed.
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
