package dev.agentlab.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.e2e.WriteWorkload.Reply;
import dev.agentlab.postgres.TestServers;
import dev.agentlab.testing.Await;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Acknowledged writes when the service or its database is killed under load.
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class CrashRecoveryE2ETest {
  private static final int ROUNDS = Integer.getInteger("chaos.rounds", 5);
  private static final int WRITERS = 8;
  private static final int WRITES_BEFORE_KILL = 100;

  @TempDir private Path folder;

  private final AcknowledgedWrites writes = new AcknowledgedWrites();
  private Optional<Program> last = Optional.empty();

  @BeforeEach
  void prepareData() throws Exception {
    TestServers.prepare(folder.resolve("data"));
  }

  @AfterEach
  void closeLast() {
    last.ifPresent(Program::close);
  }

  @Test
  void killedServiceLosesNoAcknowledgedWrite() throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      Program program = start();
      writes.verify(program.client());
      try (WriteWorkload workload = WriteWorkload.start(program.client(), writes, WRITERS)) {
        workload.awaitMore(WRITES_BEFORE_KILL);
        program.kill();
        assertThat(workload.stop()).extracting(Reply::status).isSubsetOf(0, 200, 201, 204, 503);
      }
      assertThat(program.database()).as("the database outlives the service").isPresent();
    }
    Program program = start();
    assertThat(program.log()).contains("terminating orphaned PostgreSQL process");
    writes.verify(program.client());
    assertThat(program.stop()).as(program.log()).isZero();
    assertThat(program.database()).isEmpty();
  }

  @Test
  void killedDatabaseRestartsAndLosesNoAcknowledgedWrite() throws Exception {
    Program program = start();
    try (WriteWorkload workload = WriteWorkload.start(program.client(), writes, WRITERS)) {
      for (int round = 0; round < ROUNDS; round++) {
        workload.awaitMore(WRITES_BEFORE_KILL);
        ProcessHandle database = program.database().orElseThrow();
        database.destroyForcibly();
        Measurements.print(
            "time from the kill to a new database process",
            Await.until(
                "the database is running again",
                () -> program.database().filter(it -> !it.equals(database)).isPresent()));

        workload.awaitMore(WRITES_BEFORE_KILL);
        backend(program).destroyForcibly();
      }
      workload.awaitMore(WRITES_BEFORE_KILL);
      assertThat(workload.stop()).extracting(Reply::status).isSubsetOf(200, 201, 204, 503);
    }
    Await.until("the service is ready", () -> program.status("/readyz") == 200);
    writes.verify(program.client());
    assertThat(program.stop()).as(program.log()).isZero();
    assertThat(program.database()).isEmpty();
  }

  private Program start() throws Exception {
    long begin = System.nanoTime();
    Program program = Program.start(folder, Map.of());
    last = Optional.of(program);
    program.awaitReady();
    Measurements.print(
        "time from the start until ready", Duration.ofNanos(System.nanoTime() - begin));
    return program;
  }

  /// A database process that serves a connection of the service.
  private static ProcessHandle backend(Program program) throws SQLException {
    String sql = "SELECT pid FROM pg_stat_activity WHERE application_name = 'agent-lab' LIMIT 1";
    try (Connection connection = program.connectToDatabase();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return ProcessHandle.of(row.getLong(1)).orElseThrow();
    }
  }
}
