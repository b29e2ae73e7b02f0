package dev.agentlab.kinds;

import dev.agentlab.upstream.Origin;
import java.net.URI;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/// Where a configuration has its secrets sent, and how: what a sealed secret is bound to, so that
/// nobody who changes a stored row has it sent elsewhere.
final class Destination {
  /// Options that decide where or how a credential is sent without being an address.
  private static final Set<String> DECIDING = Set.of("auth_type", "auth_header", "region");

  private Destination() {}

  /// The kind, the origin of each address, and whatever else decides; the path of an address does
  /// not.
  ///
  /// @param config whose address is in the open; its other secrets do not matter
  static String of(ProviderConfig config) {
    SortedMap<String, String> parts = new TreeMap<>();
    for (String name : config.at("/options").propertyNames()) {
      config
          .text(name)
          .filter(value -> DECIDING.contains(name) || value.contains("://"))
          .ifPresent(value -> parts.put(name, origin(value)));
    }
    return "%s %s %s".formatted(config.name(), origin(config.baseUrl()), parts);
  }

  private static String origin(String address) {
    try {
      return Origin.of(URI.create(address)).toString();
    } catch (IllegalArgumentException _) {
      return address;
    }
  }
}
