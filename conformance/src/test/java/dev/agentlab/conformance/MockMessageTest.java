package dev.agentlab.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class MockMessageTest {
  @Test
  void everyMockCitesItsSource() throws IOException {
    try (Stream<Path> files = Files.walk(Path.of("src", "test", "resources", "mock"))) {
      assertThat(files.filter(Files::isRegularFile))
          .hasSizeGreaterThan(60)
          .allSatisfy(file -> assertThat(Files.readString(file)).startsWith("# https://"));
    }
  }
}
