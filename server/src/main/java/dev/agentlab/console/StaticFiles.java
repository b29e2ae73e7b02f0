package dev.agentlab.console;

import com.google.re2j.Pattern;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The static files that the build has listed. Only these are served, so a path of a request never
/// becomes a path of a resource. Safe for all threads.
final class StaticFiles {
  private static final String LIST = "META-INF/static-files.tsv";
  private static final Pattern TAB = Pattern.compile("\t");

  private final Map<String, StaticFile> files;

  private StaticFiles(Map<String, StaticFile> files) {
    this.files = Map.copyOf(files);
  }

  /// Reads the list of the build: a line for each file with its path, the hash of its content, and
  /// the suffixes of the files beside it with the compressed content. Without a list there is no
  /// file.
  ///
  /// @throws IllegalArgumentException if a file has no known media type
  static StaticFiles read(ClassLoader resources) {
    Map<String, StaticFile> files = new HashMap<>();
    try (InputStream list = resources.getResourceAsStream(LIST)) {
      if (list != null) {
        new String(list.readAllBytes(), StandardCharsets.UTF_8)
            .lines()
            .map(line -> List.of(TAB.split(line)))
            .forEach(fields ->
                files.put(
                    fields.getFirst(),
                    StaticFile.of(
                        resources,
                        fields.getFirst(),
                        fields.get(1),
                        fields.subList(2, fields.size()))));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new StaticFiles(files);
  }

  /// The paths of all files.
  Set<String> paths() {
    return files.keySet();
  }

  /// Finds a file by its path, such as `console/index.html`.
  Optional<StaticFile> find(String path) {
    return Optional.ofNullable(files.get(path));
  }
}
