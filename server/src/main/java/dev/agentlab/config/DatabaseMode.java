package dev.agentlab.config;

/// Which PostgreSQL server the service uses.
public enum DatabaseMode {
  /// One that the service runs itself, in the data folder.
  EMBEDDED,
  /// One that is run elsewhere.
  EXTERNAL
}
