package dev.agentlab.kinds;

import java.util.List;

/// A configuration that replaces a stored one.
///
/// @param movedSecrets the paths (`config.options.token`) of secrets that the caller omitted and
///   that are kept from the stored configuration, although the new one would send them to another
///   destination: another scheme, host, port, header field, authentication scheme, proxy or
///   authorities. Unless the list is empty, the configuration must not be stored; otherwise a
///   caller who can change the base URL could read the stored secret.
public record ParsedReplacement(ProviderConfig config, List<String> movedSecrets) {
  public ParsedReplacement {
    movedSecrets = List.copyOf(movedSecrets);
  }
}
