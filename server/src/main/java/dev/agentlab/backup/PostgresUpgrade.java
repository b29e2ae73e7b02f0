package dev.agentlab.backup;

import dev.agentlab.database.DatabaseException;
import dev.agentlab.database.Dsn;
import dev.agentlab.database.Migrator;
import dev.agentlab.database.SqlStatement;
import dev.agentlab.errors.UnavailableException;
import dev.agentlab.postgres.EmbeddedPostgres;
import java.io.IOException;
import java.io.OutputStream;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Copies the database of an embedded server to one of another major version, and compares the rows
/// of both. The schema is not migrated.
public final class PostgresUpgrade {
  private static final Logger LOG = LoggerFactory.getLogger(PostgresUpgrade.class);

  private PostgresUpgrade() {}

  /// Copies a database; for [EmbeddedPostgres#start(EmbeddedPostgres.DatabaseCopy)].
  ///
  /// @param to a server with an empty database
  /// @throws IOException if the database is one of the Go original or of a newer program, has
  ///   tables of another program, or the copy differs; with a message for the operator
  public static void copy(EmbeddedPostgres.Access from, EmbeddedPostgres.Access to)
      throws IOException, InterruptedException {
    try {
      copy(new Migrator(Dsn.of(from)), new Migrator(Dsn.of(to)));
    } catch (BackupException | DatabaseException | UnavailableException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  static void copy(Migrator source, Migrator target) throws InterruptedException {
    Migrator.State state = source.state();
    if (state.version().isEmpty() && state.originalVersion().isEmpty()) {
      // Its service was stopped before its first migration.
      source.requireEmpty(BackupTable.names());
      return;
    }
    List<BackupManifest.Table> copied =
        source.copySnapshot(target, BackupTable.names(), PostgresUpgrade::copy);
    target.readSnapshot((connection, _) -> {
      compare(connection, copied);
      return copied;
    });
    LOG.info(
        "copied {} rows of {} tables; the checksums of all tables are equal",
        copied.stream().mapToLong(BackupManifest.Table::rows).sum(),
        copied.size());
  }

  private static List<BackupManifest.Table> copy(Connection from, Connection to, long version)
      throws SQLException {
    List<String> tables = BackupTable.of(version).stream().map(BackupTable::name).toList();
    requireNoOtherTable(from, tables);
    PostgresCopy source = new PostgresCopy(from);
    PostgresCopy target = new PostgresCopy(to);
    source.makeReproducible();
    return new PostgresTableFiller(to, tables)
        .fill(_ -> {
          List<BackupManifest.Table> copied = new ArrayList<>();
          for (String table : tables) {
            copied.add(copy(source, target, table));
          }
          return copied;
        });
  }

  private static BackupManifest.Table copy(PostgresCopy source, PostgresCopy target, String table)
      throws SQLException {
    List<String> columns = source.columns(table);
    List<String> created = target.columns(table);
    if (!Set.copyOf(columns).equals(Set.copyOf(created))) {
      throw new BackupException(
          "the table %s has the columns %s, not %s"
              .formatted(table, String.join(", ", columns), String.join(", ", created)));
    }
    List<LocalDate> partitions = source.partitions(table);
    target.createPartitions(table, partitions);
    ChecksummedRows rows = copyRows(source, target, table, columns);
    List<BackupManifest.Identity> identities = source.identities(table);
    for (BackupManifest.Identity identity : identities) {
      target.setIdentity(table, identity);
    }
    return new BackupManifest.Table(
        table, columns, rows.rows(), rows.sha256(), identities, Optional.of(partitions));
  }

  private static ChecksummedRows copyRows(
      PostgresCopy source, PostgresCopy target, String table, List<String> columns)
      throws SQLException {
    try (OutputStream into = target.openIn(table, columns)) {
      ChecksummedRows rows = new ChecksummedRows(into);
      source.out(table, columns, rows);
      return rows;
    } catch (IOException e) {
      throw new BackupException("cannot copy the table %s: %s".formatted(table, e.getMessage()), e);
    }
  }

  /// A copy has only the tables of this program. Those of another one would be lost.
  private static void requireNoOtherTable(Connection connection, List<String> tables)
      throws SQLException {
    List<String> known = new ArrayList<>(tables);
    known.addAll(BackupTable.NOT_BACKED_UP);
    String sql =
        """
        SELECT pg_class.oid::regclass::text AS name
        FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
        WHERE relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT relispartition
          AND nspname <> 'information_schema' AND NOT starts_with(nspname, 'pg_')
          AND NOT (nspname = 'public' AND relname = ANY (:known::text[]))
        ORDER BY name
        """;
    List<String> others =
        new SqlStatement(connection, sql)
            .bindArray("known", "text", known.toArray())
            .all(row -> row.text("name"));
    if (!others.isEmpty()) {
      throw new BackupException(
          "it has tables of the Go original or of another program, which would be lost, as in a backup: "
              + String.join(", ", others));
    }
  }

  private static void compare(Connection connection, List<BackupManifest.Table> tables)
      throws SQLException {
    PostgresCopy copy = new PostgresCopy(connection);
    copy.makeReproducible();
    for (BackupManifest.Table table : tables) {
      ChecksummedRows rows = new ChecksummedRows(OutputStream.nullOutputStream());
      try {
        copy.out(table.name(), table.columns(), rows);
      } catch (IOException e) {
        throw new BackupException(
            "cannot read the copy of the table %s: %s".formatted(table.name(), e.getMessage()), e);
      }
      String sha256 = rows.sha256();
      if (rows.rows() != table.rows() || !sha256.equals(table.sha256())) {
        throw new BackupException(
            "the copy of the table %s differs: it has %d rows with the SHA-256 %s, not %d with %s"
                .formatted(table.name(), rows.rows(), sha256, table.rows(), table.sha256()));
      }
      if (!copy.identities(table.name()).equals(table.identities())) {
        throw new BackupException(
            "the copy of the table %s has other identities".formatted(table.name()));
      }
    }
  }
}
