package dev.agentlab.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.agentlab.e2e.WriteWorkload.Reply;
import dev.agentlab.postgres.TestServers;
import dev.agentlab.testing.Await;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The service on a disk that is temporarily full. Requires permission to mount a file system.
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class DiskFullE2ETest {
  private static final int WRITERS = 4;
  private static final int WRITES = 50;
  private static final int REJECTIONS = 20;

  @TempDir private Path folder;

  private Path disk = Path.of("none");

  @BeforeEach
  void mount() throws Exception {
    disk = Files.createDirectory(folder.resolve("data"));
    assumeTrue(TestServers.run("mount", "-t", "tmpfs", "-o", "size=256m", "none", disk.toString()));
    TestServers.prepare(disk);
  }

  @AfterEach
  void unmount() throws Exception {
    TestServers.run("umount", "-l", disk.toString());
  }

  @Test
  void fullDiskGives503AndLosesNoAcknowledgedWrite() throws Exception {
    AcknowledgedWrites writes = new AcknowledgedWrites();
    Path filler = disk.resolve("filler");
    try (Program program = Program.serve(folder, Map.of())) {
      try (WriteWorkload workload = WriteWorkload.start(program.client(), writes, WRITERS)) {
        workload.awaitMore(WRITES);
        fill(filler);
        int rejected = workload.rejections();
        Await.until("writes are rejected", () -> workload.rejections() > rejected + REJECTIONS);
        assertThat(program.status("/healthz")).isEqualTo(200);
        Files.delete(filler);
        workload.awaitMore(WRITES);
        List<Reply> replies = workload.stop();
        assertThat(replies).extracting(Reply::status).isSubsetOf(200, 201, 204, 503);
      }
      Await.until("the service is ready", () -> program.status("/readyz") == 200);
      writes.verify(program.client());
      assertThat(program.stop()).as(program.log()).isZero();
    }
    try (Program program = Program.serve(folder, Map.of())) {
      writes.verify(program.client());
    }
  }

  private static void fill(Path file) throws IOException {
    byte[] block = new byte[4096];
    try (OutputStream out = Files.newOutputStream(file)) {
      while (true) {
        out.write(block);
      }
    } catch (IOException e) {
      assertThat(e).hasMessageContaining("No space left");
    }
  }
}
