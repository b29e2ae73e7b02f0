package dev.agentlab.config;

import java.util.Optional;

/// An error in the configuration.
///
/// @param key the invalid key, table or environment variable; the file if it cannot be read
/// @param value as written, cut if long; `***` for a secret
/// @param source of the value: `config.toml`, `environment SERVER_PORT`; for a file that cannot be
///   read, the position in it
/// @param problem what is accepted, as the rest of a sentence about the key
public record ConfigError(String key, Optional<String> value, String source, String problem) {
  private static final String FILE = ".toml";

  /// Whether it is in a file, or about the file itself.
  boolean isInFile() {
    return source.endsWith(FILE) || key.endsWith(FILE);
  }

  /// One line: `server.port = "http" (environment SERVER_PORT): must be an integer from …`.
  @Override
  public String toString() {
    return key + value.map(" = "::concat).orElse("") + " (" + source + "): " + problem;
  }
}
