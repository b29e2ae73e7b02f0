package dev.agentlab.backup;

import java.util.List;

/// A table whose rows are part of a backup. The partitions of a table are days, which a function of
/// the schema creates, such as `create_calls_partition`.
///
/// @param schemaVersion the version of the schema that first has the table
public record BackupTable(String name, long schemaVersion) {

  /// The tables that are not part of a backup: `agent_lab_migrations`, which a restore writes, and
  /// `replicas`, whose rows belong to running processes.
  static final List<String> NOT_BACKED_UP = List.of("agent_lab_migrations", "replicas");

  /// All tables that are part of a backup, each after those that its foreign keys refer to.
  public static final List<BackupTable> ALL =
      List.of(
          new BackupTable("providers", 2),
          new BackupTable("model_routes", 19),
          new BackupTable("agents", 3),
          new BackupTable("table_totals", 4),
          new BackupTable("idempotency_keys", 4),
          new BackupTable("agent_revisions", 5),
          new BackupTable("api_keys", 7),
          new BackupTable("data_keys", 8),
          new BackupTable("audit", 9),
          new BackupTable("audit_head", 9),
          new BackupTable("audit_unchained", 13),
          new BackupTable("response_owners", 15),
          new BackupTable("responses", 15),
          new BackupTable("sessions", 18),
          new BackupTable("sign_in_links", 18),
          new BackupTable("model_route_revisions", 19),
          new BackupTable("model_route_targets", 19),
          new BackupTable("calls", 20));

  /// The table of the wrapped data keys.
  static final String DATA_KEYS = "data_keys";

  /// The tables of a version of the schema, in the same order.
  public static List<BackupTable> of(long schemaVersion) {
    return ALL.stream().filter(table -> table.schemaVersion() <= schemaVersion).toList();
  }

  /// The names of all tables.
  static List<String> names() {
    return ALL.stream().map(BackupTable::name).toList();
  }
}
