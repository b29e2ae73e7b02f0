package dev.agentlab.build;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;
import java.util.Properties;

/// The build of the program.
///
/// @param version the version of the release; `development` if it was not built by Maven
/// @param commit the first digits of the commit's hash, with `-dirty` at the end if the sources had
///   changes; empty if it was not built in a Git working tree
/// @param time the time of the commit
public record Build(String version, Optional<String> commit, Optional<Instant> time) {
  private static final String RESOURCE = "build.properties";

  /// The build of the running program.
  public static Build current() {
    Properties properties = new Properties();
    try (InputStream resource = Build.class.getResourceAsStream(RESOURCE)) {
      if (resource != null) {
        properties.load(new InputStreamReader(resource, StandardCharsets.UTF_8));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Build(
        property(properties, "version").orElse("development"),
        property(properties, "commit"),
        property(properties, "time").map(Instant::parse));
  }

  private static Optional<String> property(Properties properties, String name) {
    return Optional.ofNullable(properties.getProperty(name)).filter(text -> !text.isEmpty());
  }

  /// Text for people: `0.1.0 (commit 0a1b2c3d4e5f of 2026-11-30)`.
  @Override
  public String toString() {
    if (commit.isEmpty() || time.isEmpty()) {
      return version;
    }
    String day = time.get().toString().substring(0, "2026-11-30".length());
    return "%s (commit %s of %s)".formatted(version, commit.get(), day);
  }
}
