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
public record Migration(String name) {
  private static final int DIGITS = 6;
  private static final Pattern NAME = Pattern.compile("[0-9]{" + DIGITS + "}_[a-z0-9_]+");

  /// All migrations in ascending order of version. Listed here because a class path cannot be
  /// listed.
  public static final List<Migration> ALL =
      List.of(
          new Migration("000001_initial_schema"),
          new Migration("000002_providers"),
          new Migration("000003_agents"),
          new Migration("000004_provider_registry"),
          new Migration("000005_agent_registry"),
          new Migration("000006_changes"),
          new Migration("000007_keys"),
          new Migration("000008_data_keys"),
          new Migration("000009_audit"),
          new Migration("000010_idempotency_callers"),
          new Migration("000011_idempotency_text"),
          new Migration("000012_replicas"),
          new Migration("000013_audit_unchained"),
          new Migration("000014_concurrent_inserts"),
          new Migration("000015_responses"),
          new Migration("000016_kept_responses"),
          new Migration("000017_key_owners"),
          new Migration("000018_sessions"));

  public Migration {
    if (!NAME.matches(name)) {
      throw new IllegalArgumentException(
          "migration name must have the form 000001_description, was \"%s\"".formatted(name));
    }
  }

  /// The version of the schema with this migration applied.
  public long version() {
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
