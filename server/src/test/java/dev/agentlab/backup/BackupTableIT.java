package dev.agentlab.backup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.database.Database;
import dev.agentlab.database.DatabaseSettings;
import dev.agentlab.database.Migration;
import dev.agentlab.database.Migrator;
import dev.agentlab.database.SqlStatement;
import dev.agentlab.database.TestPostgres;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// Compares the list of tables with those that the migrations create.
class BackupTableIT {
  @Test
  void everyTableOfEverySchemaVersionIsListed() throws Exception {
    DatabaseSettings settings = TestPostgres.emptyDatabase();
    Migrator migrator = new Migrator(((DatabaseSettings.External) settings.server()).dsn());
    Map<Long, List<String>> tables = new TreeMap<>();
    for (Migration migration : Migration.ALL) {
      List<Migrator.Step> _ = migrator.steps(1);
      tables.put(
          migration.version(),
          migrator.readSnapshot((connection, _) ->
              new SqlStatement(
                      connection,
                      """
                      SELECT relname AS name FROM pg_class
                      WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
                        AND NOT relispartition
                      """)
                  .all(row -> row.text("name"))));
    }
    tables.forEach((version, names) ->
        assertThat(BackupTable.of(version).stream().map(BackupTable::name))
            .as("schema version %d", version)
            .containsExactlyInAnyOrderElementsOf(
                names.stream().filter(name -> !BackupTable.NOT_BACKED_UP.contains(name)).toList()));
  }

  @Test
  void tableFollowsThoseThatItRefersTo() throws Exception {
    Database database = TestPostgres.startMigrated();
    try {
      List<String> references =
          database.read(connection ->
              new SqlStatement(
                      connection,
                      """
                      SELECT conrelid::regclass || ' ' || confrelid::regclass AS name
                      FROM pg_constraint WHERE contype = 'f'
                      """)
                  .all(row -> row.text("name")));
      assertThat(references)
          .isNotEmpty()
          .allSatisfy(reference -> {
            String[] tables = reference.split(" ", -1);
            assertThat(BackupTable.names().indexOf(tables[0]))
                .isGreaterThan(BackupTable.names().indexOf(tables[1]));
          });
    } finally {
      database.stop(Duration.ofSeconds(5));
    }
  }
}
