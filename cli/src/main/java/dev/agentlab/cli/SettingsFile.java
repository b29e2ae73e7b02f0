package dev.agentlab.cli;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import tools.jackson.databind.node.ObjectNode;

/// A file with the settings of another program. A change keeps what else the file has. Only the
/// user can read a file that was changed, because it may contain a key.
record SettingsFile(Path path) {

  /// The file with a path that is absolute, relative to the working directory, or to the home
  /// directory after `~/`.
  static SettingsFile of(String name, LaunchContext context) {
    String home = context.environment().getOrDefault("HOME", System.getProperty("user.home"));
    return new SettingsFile(
        name.startsWith("~/")
            ? Path.of(home).resolve(name.substring(2))
            : context.directory().resolve(name));
  }

  /// A file in this folder.
  SettingsFile in(String name) {
    return new SettingsFile(path.resolve(name));
  }

  /// A file in the same folder.
  SettingsFile beside(String name) {
    return new SettingsFile(path.toAbsolutePath().resolveSibling(name));
  }

  /// Sets members of the JSON object in the file, and of the objects in it.
  ///
  /// @throws CommandFailure if the file cannot be read or written, is not a JSON object, or has
  ///   another value in place of an object
  void merge(ObjectNode members) {
    JsonEditor editor = new JsonEditor(path.toString(), Files.exists(path) ? read() : "{}\n");
    editor.merge(members);
    write(editor.text());
  }

  /// Changes keys of the TOML file.
  ///
  /// @throws CommandFailure if the file cannot be read or written, or is not TOML
  void editToml(Consumer<TomlEditor> change) {
    TomlEditor editor = new TomlEditor(path.toString(), Files.exists(path) ? read() : "");
    change.accept(editor);
    write(editor.text());
  }

  /// Sets variables in a file with a line `NAME='value'` for each.
  ///
  /// @throws CommandFailure if the file cannot be read or written
  void setVariables(Map<String, String> variables) {
    List<String> lines = new ArrayList<>(readLines());
    lines.removeIf(line -> variables.containsKey(variableName(line)));
    variables.forEach((name, value) -> lines.add(name + "=" + quote(value)));
    write(String.join("\n", lines) + "\n");
  }

  private static String variableName(String line) {
    return line.replaceFirst("=.*", "").replaceFirst("^\\s*export\\s+", "").strip();
  }

  /// Names of models may have the characters that begin a comment or a variable.
  private static String quote(String value) {
    String quote = value.contains("'") ? "\"" : "'";
    return quote + value + quote;
  }

  /// Replaces the text of the file.
  ///
  /// @throws CommandFailure if the file cannot be written
  void write(String text) {
    try {
      // A link stays one.
      Path target = Files.exists(path) ? path.toRealPath() : path.toAbsolutePath();
      Path folder = Objects.requireNonNull(target.getParent());
      Files.createDirectories(folder);
      Path written = Files.createTempFile(folder, "settings", ".new", onlyUser());
      try {
        Files.writeString(written, text);
        Files.move(written, target, StandardCopyOption.REPLACE_EXISTING);
      } finally {
        Files.deleteIfExists(written);
      }
    } catch (IOException e) {
      throw new CommandFailure(
          ExitCode.FAILURE, "cannot write %s: %s".formatted(path, e.getMessage()));
    }
  }

  private static FileAttribute<?>[] onlyUser() {
    return FileSystems.getDefault().supportedFileAttributeViews().contains("posix")
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
        }
        : new FileAttribute<?>[0];
  }

  private List<String> readLines() {
    return Files.exists(path) ? read().lines().toList() : List.of();
  }

  private String read() {
    try {
      return Files.readString(path);
    } catch (IOException e) {
      throw new CommandFailure(
          ExitCode.USAGE, "cannot read %s: %s".formatted(path, e.getMessage()));
    }
  }
}
