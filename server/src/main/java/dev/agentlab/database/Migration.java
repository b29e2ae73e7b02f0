package dev.agentlab.database;

import com.google.re2j.Pattern;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// A schema migration, with the SQL that applies it and the SQL that rolls it back.
///
/// @param name the name of its files in `db/migration`, without `.up.sql` and `.down.sql`
/// @param oldestProgram the oldest program that still runs on the schema with this migration, as
///   the version of the last migration that the program knows
public record Migration(String name, long oldestProgram) {
  private static final int DIGITS = 6;
  private static final Pattern NAME = Pattern.compile("[0-9]{" + DIGITS + "}_[a-z0-9_]+");

  /// All migrations in ascending order of version. Listed here because a class path cannot be
  /// listed.
  public static final List<Migration> ALL =
      List.of(
          new Migration("000001_initial_schema", 1),
          new Migration("000002_providers", 2),
          new Migration("000003_agents", 3),
          new Migration("000004_provider_registry", 4),
          new Migration("000005_agent_registry", 5),
          new Migration("000006_changes", 6),
          new Migration("000007_keys", 7),
          new Migration("000008_data_keys", 8),
          new Migration("000009_audit", 9),
          new Migration("000010_idempotency_callers", 10),
          new Migration("000011_idempotency_text", 11),
          new Migration("000012_replicas", 12),
          new Migration("000013_audit_unchained", 13),
          new Migration("000014_concurrent_inserts", 14),
          new Migration("000015_responses", 14),
          new Migration("000016_kept_responses", 14),
          new Migration("000017_key_owners", 14),
          new Migration("000018_sessions", 14),
          new Migration("000019_model_routes", 14),
          new Migration("000020_calls", 14),
          new Migration("000021_agent_routes", 14),
          new Migration("000022_calls_by_operation", 14));

  public Migration {
    if (!NAME.matches(name)) {
      throw new IllegalArgumentException(
          "migration name must have the form 000001_description, was \"%s\"".formatted(name));
    }
    if (oldestProgram > version(name)) {
      throw new IllegalArgumentException("no program could apply migration " + name);
    }
  }

  /// The version of the schema with this migration applied.
  public long version() {
    return version(name);
  }

  private static long version(String name) {
    return Long.parseLong(name.substring(0, DIGITS));
  }

  String upSql() {
    return read("up");
  }

  String downSql() {
    return read("down");
  }

  private String read(String direction) {
    String resource = "/db/migration/%s.%s.sql".formatted(name, direction);
    try (InputStream sql = Migration.class.getResourceAsStream(resource)) {
      if (sql == null) {
        throw new IllegalStateException("missing on the class path: " + resource);
      }
      return new String(sql.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
