package dev.agentlab.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.database.embedded.TestServers;
import dev.agentlab.e2e.WriteWorkload.Reply;
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

/// What becomes of acknowledged writes when the service, or its database, is killed amid them.
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class CrashRecoveryE2ETest {
  private static final int ROUNDS = Integer.getInteger("chaos.rounds", 5);
  private static final int WRITERS = 8;
  private static final int WRITES_BEFORE_KILL = 100;

  @TempDir private Path folder;

  private final AcknowledgedWrites ledger = new AcknowledgedWrites();
  private Optional<Program> last = Optional.empty();

  @BeforeEach
  void lendPrograms() throws Exception {
    TestServers.copyPrograms(folder.resolve("data"));
  }

  @AfterEach
  void endTheLast() {
    last.ifPresent(Program::close);
  }

  @Test
  void killedServiceLosesNothingAndStartsAgain() throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      Program program = start();
      ledger.verify(program.client());
      try (WriteWorkload writers = WriteWorkload.start(program.client(), ledger, WRITERS)) {
        writers.awaitMore(WRITES_BEFORE_KILL);
        program.kill();
        assertThat(writers.stop()).extracting(Reply::status).isSubsetOf(0, 200, 201, 204, 503);
      }
      assertThat(program.database()).as("the database outlives the service").isPresent();
    }
    Program program = start();
    assertThat(program.log()).contains("terminating orphaned PostgreSQL process");
    ledger.verify(program.client());
    assertThat(program.stop()).as(program.log()).isZero();
    assertThat(program.database()).isEmpty();
  }

  @Test
  void killedDatabaseLosesNothingAndComesBackUnderTheService() throws Exception {
    Program program = start();
    try (WriteWorkload writers = WriteWorkload.start(program.client(), ledger, WRITERS)) {
      for (int round = 0; round < ROUNDS; round++) {
        writers.awaitMore(WRITES_BEFORE_KILL);
        ProcessHandle database = program.database().orElseThrow();
        database.destroyForcibly();
        Measurements.note(
            "another database process after the kill",
            Await.until(
                "the database runs again",
                () -> program.database().filter(it -> !it.equals(database)).isPresent()));

        writers.awaitMore(WRITES_BEFORE_KILL);
        backend(program).destroyForcibly();
      }
      writers.awaitMore(WRITES_BEFORE_KILL);
      assertThat(writers.stop()).extracting(Reply::status).isSubsetOf(200, 201, 204, 503);
    }
    Await.until("the service is ready", () -> program.status("/readyz") == 200);
    ledger.verify(program.client());
    assertThat(program.stop()).as(program.log()).isZero();
    assertThat(program.database()).isEmpty();
  }

  private Program start() throws Exception {
    long begin = System.nanoTime();
    Program program = Program.start(folder, Map.of());
    last = Optional.of(program);
    program.awaitReady();
    Measurements.note("ready after the start", Duration.ofNanos(System.nanoTime() - begin));
    return program;
  }

  /// A process of the database that works for the service.
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
