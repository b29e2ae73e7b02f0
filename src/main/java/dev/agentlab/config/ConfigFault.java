package dev.agentlab.config;

import java.util.Optional;

/// One thing wrong with the configuration.
///
/// @param key the key, table or environment variable at fault; the file when it cannot be read
/// @param value as it was written, bounded; `***` for a secret
/// @param source where it was written: `config.toml`, `environment SERVER_PORT`; for a file that
///   cannot be read, the place in it
/// @param problem what is accepted, as the rest of a sentence about the key
public record ConfigFault(String key, Optional<String> value, String source, String problem) {

  /// One line: `server.port = "http" (environment SERVER_PORT): must be an integer from …`.
  @Override
  public String toString() {
    return key + value.map(" = "::concat).orElse("") + " (" + source + "): " + problem;
  }
}
