package dev.agentlab.kinds;

import dev.agentlab.upstream.Origin;
import java.net.URI;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/// Where and how a configuration sends its secrets. An encrypted secret is bound to its
/// destination, so that a changed database row cannot send it elsewhere.
final class SecretDestination {
  /// Options that determine where or how a credential is sent, beside those of the type URL. A
  /// proxy together with an authority can read what is sent by https.
  private static final Set<String> DESTINATION_OPTIONS =
      Set.of("auth_type", "auth_header", "region", "proxy", "ca_certificates");

  private SecretDestination() {}

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

  /// Whether two configurations of the same kind send their secrets to the same destination, also
  /// if only one of them states a default.
  static boolean isSame(ProviderKind kind, ProviderConfig one, ProviderConfig other) {
    return withDefaults(kind, one).equals(withDefaults(kind, other));
  }

  private static Map<String, String> withDefaults(ProviderKind kind, ProviderConfig config) {
    Map<String, String> parts = new HashMap<>();
    parts.put("base_url", origin(config.baseUrl()));
    for (Option option : kind.options()) {
      if ((option.type() == Option.Type.URL || DESTINATION_OPTIONS.contains(option.name()))
          && option.isUsedIn(config)) {
        config
            .valueOrDefault(option)
            .ifPresent(value -> parts.put(option.name(), normalize(option, value)));
      }
    }
    return parts;
  }

  /// The names of hosts and header fields are case-insensitive, certificates are not.
  private static String normalize(Option option, String value) {
    return option.equals(NetworkOptionsReader.CA_CERTIFICATES)
        ? value
        : origin(value).toLowerCase(Locale.ROOT);
  }

  private static String origin(String url) {
    try {
      return Origin.of(URI.create(url)).toString();
    } catch (IllegalArgumentException _) {
      return url;
    }
  }
}
