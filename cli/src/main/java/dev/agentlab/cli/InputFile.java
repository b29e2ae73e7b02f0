package dev.agentlab.cli;

import dev.agentlab.json.Json;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// An input file of a command.
record InputFile(Path path) {

  /// The file with a path that is relative to the working directory or absolute.
  static InputFile of(String name, LaunchContext context) {
    return new InputFile(context.directory().resolve(name));
  }

  /// Reads the file as UTF-8 text.
  ///
  /// @throws CommandFailure if the file cannot be read or is not UTF-8 text
  String readText() {
    try {
      return Files.readString(path);
    } catch (MalformedInputException _) {
      throw new CommandFailure(ExitCode.USAGE, path + " is not UTF-8 text");
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  /// Reads the file.
  ///
  /// @throws CommandFailure if the file cannot be read
  byte[] readBytes() {
    try {
      return Files.readAllBytes(path);
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  private CommandFailure unreadable(IOException e) {
    return e instanceof NoSuchFileException
        ? new CommandFailure(ExitCode.USAGE, "file not found: " + path)
        : new CommandFailure(ExitCode.USAGE, "cannot read %s: %s".formatted(path, e.getMessage()));
  }

  /// Reads the JSON in the file given by `--file`, or in standard input for `-`.
  ///
  /// @throws CommandFailure if it cannot be read
  static JsonNode readJson(String name, LaunchContext context) {
    String text = name.equals("-") ? context.terminal().readAll() : of(name, context).readText();
    try {
      return Json.MAPPER.readTree(text);
    } catch (JacksonException e) {
      // The message of the parser may contain a secret.
      throw new CommandFailure(
          ExitCode.USAGE,
          "--file %s is not JSON: see line %d, column %d"
              .formatted(name, e.getLocation().getLineNr(), e.getLocation().getColumnNr()));
    }
  }

  /// Reads the resource in the file given by `--file`, or in standard input for `-`.
  ///
  /// @param noun the expected resource with its article, as in `an agent`
  /// @param example an example of the object
  /// @throws CommandFailure if it cannot be read or has no `config`
  static JsonNode readResource(String name, LaunchContext context, String noun, String example) {
    JsonNode json = readJson(name, context);
    if (!json.path("config").isObject()) {
      throw new CommandFailure(
          ExitCode.USAGE,
          "--file %s is not %s: a \"config\" object is required, such as %s"
              .formatted(name, noun, example));
    }
    return json;
  }
}
