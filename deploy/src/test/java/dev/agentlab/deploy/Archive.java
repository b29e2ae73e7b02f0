package dev.agentlab.deploy;

import dev.agentlab.testing.LockedTools;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// The release archive that the build has made, and the folder that it contains.
record Archive(Path file) {
  private static final String SUFFIX = ".tar.gz";

  static Archive find() {
    try (Stream<Path> files = Files.list(Path.of("target"))) {
      return new Archive(
          files
              .filter(it -> it.toString().endsWith(SUFFIX))
              .map(Path::toAbsolutePath)
              .findFirst()
              .orElseThrow(() -> new IllegalStateException("there is no archive in target")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The name without `.tar.gz`, which is that of the folder in it.
  String name() {
    String name = file.getFileName().toString();
    return name.substring(0, name.length() - SUFFIX.length());
  }

  /// The folder that was packed.
  Path packed() {
    return file.resolveSibling(name());
  }

  /// Unpacks the archive.
  ///
  /// @return the folder that it contains
  Path unpackInto(Path folder) throws IOException {
    Files.createDirectories(folder);
    String _ = LockedTools.run(folder, Map.of(), List.of("tar", "-xzf", file.toString()));
    return folder.resolve(name());
  }
}
