package dev.agentlab.cli;

import dev.agentlab.json.Json;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// A file that an argument names.
record InputFile(Path path) {

  /// The file of this name, against the working directory.
  static InputFile of(String name, LaunchContext surroundings) {
    return new InputFile(surroundings.directory().resolve(name));
  }

  /// @throws Failure if it cannot be read or is no UTF-8 text
  String text() {
    try {
      return Files.readString(path);
    } catch (MalformedInputException _) {
      throw new CommandFailure(ExitCode.USAGE, path + " is not UTF-8 text");
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  /// @throws Failure if it cannot be read
  byte[] bytes() {
    try {
      return Files.readAllBytes(path);
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  private CommandFailure unreadable(IOException e) {
    return e instanceof NoSuchFileException
        ? new CommandFailure(ExitCode.USAGE, "there is no file " + path)
        : new CommandFailure(
            ExitCode.USAGE, "%s cannot be read: %s".formatted(path, e.getMessage()));
  }

  /// The thing in the file that `--file` names, or in the input if it names `-`.
  ///
  /// @param noun with its article, what it is to be
  /// @param example of one
  /// @throws Failure if it cannot be read or is an object without a `config`
  static JsonNode thing(String name, LaunchContext surroundings, String noun, String example) {
    String text =
        name.equals("-") ? surroundings.terminal().readAll() : of(name, surroundings).text();
    JsonNode thing;
    try {
      thing = Json.MAPPER.readTree(text);
    } catch (JacksonException e) {
      // Not the parser's words, which may repeat a secret.
      throw new CommandFailure(
          ExitCode.USAGE,
          "--file %s is not JSON: see line %d, column %d"
              .formatted(name, e.getLocation().getLineNr(), e.getLocation().getColumnNr()));
    }
    if (!thing.path("config").isObject()) {
      throw new CommandFailure(
          ExitCode.USAGE,
          "--file %s is not %s: it needs a \"config\", as in %s".formatted(name, noun, example));
    }
    return thing;
  }
}
