package dev.agentlab.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.server.TestClient;
import dev.agentlab.testing.Await;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/// The writes of providers that a service acknowledged, for comparison with its later state.
/// Thread-safe.
final class AcknowledgedWrites {
  /// The possible base URLs of each provider by its id; empty if it may be deleted. Several while
  /// the outcome of a write is unknown.
  private final ConcurrentMap<String, Set<Optional<String>>> expected = new ConcurrentHashMap<>();

  /// Records an acknowledged write.
  ///
  /// @param address the base URL; empty if the provider was deleted
  void acknowledged(String id, Optional<String> address) {
    expected.put(id, Set.of(address));
  }

  /// Records a write of unknown outcome.
  ///
  /// @param address the base URL; empty if the provider may be deleted
  void attempted(String id, Optional<String> address) {
    expected.merge(
        id,
        Set.of(address),
        (known, more) ->
            Stream.concat(known.stream(), more.stream()).collect(Collectors.toUnmodifiableSet()));
  }

  /// Asserts that the service has each provider in a possible state.
  void verify(TestClient service) throws Exception {
    Map<String, String> actual = addresses(service);
    List<String> wrong =
        expected.entrySet().stream()
            .filter(entry ->
                !entry.getValue().contains(Optional.ofNullable(actual.get(entry.getKey()))))
            .map(entry -> "%s is %s".formatted(entry, actual.get(entry.getKey())))
            .toList();
    assertThat(wrong).as("wrong among %d providers", expected.size()).isEmpty();
  }

  private static Map<String, String> addresses(TestClient service) throws Exception {
    Map<String, String> addresses = new HashMap<>();
    long pages = 1;
    for (int page = 1; page <= pages; page++) {
      JsonNode listed = page(service, page);
      pages = listed.path("total_pages").asLong();
      for (JsonNode provider : listed.path("data")) {
        addresses.put(provider.path("id").asString(), provider.at("/config/base_url").asString());
      }
    }
    return addresses;
  }

  /// Reads a page, repeatedly while the service is busy.
  private static JsonNode page(TestClient service, int page) throws Exception {
    String path = "/api/providers?sort=id&page_size=100&page=" + page;
    return Await.until(
            "the providers are listed", () -> service.get(path), it -> it.status() == 200)
        .json();
  }
}
