package dev.agentlab.kinds;

import dev.agentlab.upstream.Origin;
import java.net.URI;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/// Where and how a configuration sends its secrets. An encrypted secret is bound to its
/// destination, so that a changed database row cannot send it elsewhere.
final class Destination {
  /// Options that are not URLs and determine where or how a credential is sent.
  private static final Set<String> DESTINATION_OPTIONS =
      Set.of("auth_type", "auth_header", "region");

  private Destination() {}

  /// The kind, the origin of each URL and the options that determine the destination. Paths of URLs
  /// are not part of it.
  ///
  /// @param config with a plaintext `base_url`; other secrets are ignored
  static String of(ProviderConfig config) {
    SortedMap<String, String> parts = new TreeMap<>();
    for (String name : config.at("/options").propertyNames()) {
      config
          .nonSecretText(name)
          .filter(value -> DESTINATION_OPTIONS.contains(name) || value.contains("://"))
          .ifPresent(value -> parts.put(name, origin(value)));
    }
    return "%s %s %s".formatted(config.name(), origin(config.baseUrl()), parts);
  }

  private static String origin(String url) {
    try {
      return Origin.of(URI.create(url)).toString();
    } catch (IllegalArgumentException _) {
      return url;
    }
  }
}
