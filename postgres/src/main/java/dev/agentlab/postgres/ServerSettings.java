package dev.agentlab.postgres;

import java.util.HashMap;
import java.util.Map;

/// The settings of a server, for all supported major versions.
///
/// @param maxConnections the maximum number of connections of the program
/// @param overrides settings that take precedence over all others
record ServerSettings(int maxConnections, Map<String, String> overrides) {
  /// Connections in addition to those of the program, for a `psql` session or a dump.
  private static final int RESERVED_CONNECTIONS = 10;

  /// The first major version with the setting `io_method`.
  private static final int IO_METHOD_MAJOR = 18;

  ServerSettings {
    overrides = Map.copyOf(overrides);
  }

  /// The same settings, with which every transaction is read-only unless its client sets otherwise.
  ServerSettings readOnly() {
    Map<String, String> readOnly = new HashMap<>(overrides);
    readOnly.put("default_transaction_read_only", "on");
    return new ServerSettings(maxConnections, readOnly);
  }

  /// The settings for a server of a major version.
  Map<String, String> of(int major, int port) {
    Map<String, String> settings = new HashMap<>();
    settings.put("listen_addresses", "127.0.0.1");
    settings.put("port", Integer.toString(port));
    settings.put("unix_socket_directories", "");
    settings.put("max_connections", Integer.toString(maxConnections + RESERVED_CONNECTIONS));
    // An acknowledged write survives a power loss.
    settings.put("fsync", "on");
    settings.put("full_page_writes", "on");
    settings.put("synchronous_commit", "on");
    // Small, because this server shares the machine with the program.
    settings.put("shared_buffers", "64MB");
    settings.put("max_wal_size", "256MB");
    if (major >= IO_METHOD_MAJOR) {
      settings.put("io_method", "sync");
    }
    settings.put("jit", "off");
    // Parallel workers need shared memory that containers limit to 64 MB.
    settings.put("max_parallel_workers_per_gather", "0");
    // Refreshes the statistics soon after a bulk insert.
    settings.put("autovacuum_naptime", "10s");
    settings.put("timezone", "UTC");
    settings.put("log_timezone", "UTC");
    settings.put("log_line_prefix", "");
    settings.put("log_checkpoints", "off");
    // Errors of statements are reported to the client.
    settings.put("log_min_messages", "log");
    settings.putAll(overrides);
    return settings;
  }
}
