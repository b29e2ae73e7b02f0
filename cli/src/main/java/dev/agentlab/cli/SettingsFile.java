package dev.agentlab.cli;

import dev.agentlab.json.Json;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.node.ObjectNode;

/// The JSON file with the settings of another program.
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

  /// Sets members of an object in the file, which keeps all others. Only the user can read a new
  /// file, because it may contain a key.
  ///
  /// @param member the name of the object
  /// @throws CommandFailure if the file cannot be read or written, or is not a JSON object
  void merge(String member, ObjectNode members) {
    ObjectNode settings = read();
    JsonNode present = settings.path(member);
    if (!present.isObject() && !present.isMissingNode()) {
      throw new CommandFailure(ExitCode.USAGE, "%s: %s must be an object".formatted(path, member));
    }
    settings.withObjectProperty(member).setAll(members);
    try {
      // A link stays one.
      Path target = Files.exists(path) ? path.toRealPath() : path.toAbsolutePath();
      Path folder = Objects.requireNonNull(target.getParent());
      Files.createDirectories(folder);
      Path written = Files.createTempFile(folder, "settings", ".new", onlyUser());
      Files.writeString(
          written,
          Json.MAPPER.writer(SerializationFeature.INDENT_OUTPUT).writeValueAsString(settings)
              + "\n");
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

  private ObjectNode read() {
    if (!Files.exists(path)) {
      return Json.MAPPER.createObjectNode();
    }
    try {
      if (Json.MAPPER.readTree(Files.readString(path)) instanceof ObjectNode settings) {
        return settings;
      }
    } catch (JacksonException _) {
      // Handled below.
    } catch (IOException e) {
      throw new CommandFailure(
          ExitCode.USAGE, "cannot read %s: %s".formatted(path, e.getMessage()));
    }
    throw new CommandFailure(ExitCode.USAGE, path + " is not a JSON object");
  }
}
