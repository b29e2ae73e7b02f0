package dev.agentlab.build;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BuildTest {
  @TempDir Path folder;

  @Test
  void textNamesCommitAndDay() {
    Build build =
        new Build(
            "0.1.0",
            Optional.of("0a1b2c3d4e5f"),
            Optional.of(Instant.parse("2026-11-30T18:00:00Z")));
    assertThat(build).hasToString("0.1.0 (commit 0a1b2c3d4e5f of 2026-11-30)");
    assertThat(new Build("0.1.0", Optional.empty(), Optional.empty())).hasToString("0.1.0");
  }

  @Test
  void scriptWritesTheCommitAndItsTime() throws Exception {
    git("init", "-q");
    Files.writeString(folder.resolve("pom.xml"), "<project/>");
    git("add", "pom.xml");
    git("commit", "-q", "-m", "one", "--date", "2020-01-01T00:00:00Z");

    List<String> clean = writeBuild();
    assertThat(clean.getFirst()).isEqualTo("version=1.2.3");
    assertThat(clean.get(1)).matches("commit=[0-9a-f]{12}");
    assertThat(clean.get(2)).isEqualTo("time=2020-01-02T02:04:05Z");

    Files.writeString(folder.resolve("pom.xml"), "<project></project>");
    assertThat(writeBuild().get(1)).matches("commit=[0-9a-f]{12}-dirty");
  }

  @Test
  void scriptLeavesTheCommitOutOutsideAWorkingTree() throws Exception {
    Files.createDirectory(folder.resolve("module"));
    git("init", "-q");
    git("commit", "-q", "--allow-empty", "-m", "of another repository");

    assertThat(writeBuild()).containsExactly("version=1.2.3", "commit=", "time=");
  }

  private List<String> writeBuild() throws Exception {
    Path file = folder.resolve("target/build.properties");
    run(Path.of("build/write-build").toAbsolutePath().toString(), "1.2.3", file.toString());
    return Files.readAllLines(file);
  }

  private void git(String... arguments) throws Exception {
    List<String> command =
        new ArrayList<>(List.of("git", "-c", "user.name=a", "-c", "user.email=a@b.example"));
    command.addAll(List.of(arguments));
    run(command.toArray(String[]::new));
  }

  private void run(String... command) throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
    builder.environment().put("GIT_COMMITTER_DATE", "2020-01-02T03:04:05+01:00");
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
  }
}
