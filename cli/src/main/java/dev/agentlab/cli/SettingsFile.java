package dev.agentlab.cli;

import dev.agentlab.json.Json;
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
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
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

  /// Sets members of the JSON object in the file, and of the objects in it.
  ///
  /// @throws CommandFailure if the file cannot be read or written, is not a JSON object, or has
  ///   another value in place of an object
  void merge(ObjectNode members) {
    ObjectNode settings = readJson();
    merge(settings, members);
    write(
        Json.MAPPER.writer(SerializationFeature.INDENT_OUTPUT).writeValueAsString(settings) + "\n");
  }

  private void merge(ObjectNode settings, ObjectNode members) {
    for (Map.Entry<String, JsonNode> member : members.properties()) {
      String name = member.getKey();
      if (!(member.getValue() instanceof ObjectNode nested)) {
        settings.set(name, member.getValue());
        continue;
      }
      JsonNode present = settings.path(name);
      if (!present.isObject() && !present.isMissingNode()) {
        throw new CommandFailure(ExitCode.USAGE, "%s: %s must be an object".formatted(path, name));
      }
      merge(settings.withObjectProperty(name), nested);
    }
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

  private void write(String text) {
    try {
      // A link stays one.
      Path target = Files.exists(path) ? path.toRealPath() : path.toAbsolutePath();
      Path folder = Objects.requireNonNull(target.getParent());
      Files.createDirectories(folder);
      Path written = Files.createTempFile(folder, "settings", ".new", onlyUser());
      Files.writeString(written, text);
      Files.move(written, target, StandardCopyOption.REPLACE_EXISTING);
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

  private ObjectNode readJson() {
    if (!Files.exists(path)) {
      return Json.MAPPER.createObjectNode();
    }
    try {
      if (Json.MAPPER.readTree(read()) instanceof ObjectNode settings) {
        return settings;
      }
    } catch (JacksonException _) {
      // Handled below.
    }
    throw new CommandFailure(ExitCode.USAGE, path + " is not a JSON object");
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
