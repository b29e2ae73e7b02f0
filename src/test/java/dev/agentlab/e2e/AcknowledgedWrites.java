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

/// What callers were told of the providers they wrote, to be held against what is there later. Safe
/// for all threads.
final class AcknowledgedWrites {
  /// By id, the addresses the provider may have; no address if it may be gone. More than one while
  /// an answer is missing.
  private final ConcurrentMap<String, Set<Optional<String>>> fates = new ConcurrentHashMap<>();

  /// Notes that a provider was acknowledged to have this address, or none.
  void acknowledged(String id, Optional<String> address) {
    fates.put(id, Set.of(address));
  }

  /// Notes that a provider may now have this address, or none.
  void attempted(String id, Optional<String> address) {
    fates.merge(
        id,
        Set.of(address),
        (known, more) ->
            Stream.concat(known.stream(), more.stream()).collect(Collectors.toUnmodifiableSet()));
  }

  /// Holds it against what a service has.
  void verify(TestClient service) throws Exception {
    Map<String, String> there = addresses(service);
    List<String> wrong =
        fates.entrySet().stream()
            .filter(
                fate -> !fate.getValue().contains(Optional.ofNullable(there.get(fate.getKey()))))
            .map(fate -> "%s is %s".formatted(fate, there.get(fate.getKey())))
            .toList();
    assertThat(wrong).as("lost of %d acknowledged", fates.size()).isEmpty();
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

  /// A page, as often asked for as a busy service says to.
  private static JsonNode page(TestClient service, int page) throws Exception {
    String path = "/api/providers?sort=id&page_size=100&page=" + page;
    return Await.until(
            "the service lists what it has", () -> service.get(path), it -> it.status() == 200)
        .json();
  }
}
