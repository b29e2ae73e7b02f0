package dev.agentlab.kinds;

import java.util.List;

/// A configuration that takes the place of a stored one.
///
/// @param movedSecrets where the secrets stand (`config.options.token`) that were left out, so kept
///   from the stored configuration, although the new one would send them elsewhere: another scheme,
///   host, port, header field or way of authentication. Unless empty, it must not be stored:
///   whoever can change an address could read the secret there.
public record ConfigReplacement(ProviderConfig config, List<String> movedSecrets) {
  public ConfigReplacement {
    movedSecrets = List.copyOf(movedSecrets);
  }
}
