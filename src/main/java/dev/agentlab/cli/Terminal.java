package dev.agentlab.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;

/// Where a command reads from and writes to; all text is UTF-8.
///
/// @param keyboard a person to ask; empty when input or output is a pipe or a file
/// @param colour whether escape sequences may be written
record Terminal(
    PrintWriter out, PrintWriter err, InputStream in, Optional<Keyboard> keyboard, boolean colour) {

  /// A person who can be asked. An empty answer means that the input ended.
  interface Keyboard {
    Optional<String> line(String prompt);

    /// Asks without showing what is typed.
    Optional<String> secret(String prompt);

    /// Begins a conversation in lines that can be edited and recalled. From now on Ctrl-C
    /// interrupts what is under way; with nothing under way, it ends the program as before.
    ///
    /// @param interrupt says whether there was something to interrupt; called on a thread of its
    ///   own
    LineEditor edit(BooleanSupplier interrupt);

    /// What it means that the input ended before an answer that is needed.
    static CommandFailure ended() {
      return new CommandFailure(ExitCode.FAILURE, "the input ended; nothing was saved");
    }
  }

  /// Reads lines that can be edited, and recalls those read before.
  interface LineEditor extends AutoCloseable {
    /// The next line; empty when the input ended.
    Optional<String> line(String prompt);

    @Override
    void close();
  }

  /// The outcome of a step or check.
  enum Mark {
    PASSED("✓", "32"),
    FAILED("✗", "31"),
    SKIPPED("–", "2");

    private final String sign;
    private final String style;

    Mark(String sign, String style) {
      this.sign = sign;
      this.style = style;
    }
  }

  /// The sign of an outcome, coloured where that is possible.
  String sign(Mark mark) {
    return colour ? "\u001b[" + mark.style + "m" + mark.sign + "\u001b[0m" : mark.sign;
  }

  /// Text that is less important than what is around it, where that can be shown.
  String dim(String text) {
    return colour ? "\u001b[2m" + text + "\u001b[0m" : text;
  }

  /// The person who can be asked for what is missing.
  ///
  /// @param missing each with the flag that gives it
  /// @throws Failure that lists it, if there is no such person
  Keyboard person(List<String> missing) {
    return keyboard.orElseThrow(() -> new CommandFailure(ExitCode.USAGE, missing(missing)));
  }

  /// Says what is missing, each on a line with the flag that gives it.
  static String missing(List<String> missing) {
    return "missing:\n  " + String.join("\n  ", missing);
  }

  /// All of the input.
  String readAll() {
    try {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The first line of the input; empty when it has none.
  Optional<String> readLine() {
    try {
      BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
      return Optional.ofNullable(lines.readLine());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Text from outside, without the control characters that could steer a terminal.
  static String clean(String text) {
    return text.codePoints()
        .map(c -> Character.isISOControl(c) && c != '\n' && c != '\t' ? '\uFFFD' : c)
        .mapToObj(Character::toString)
        .collect(Collectors.joining());
  }

  /// JSON with every control character within its texts escaped, also those that need not be.
  static String escaped(String json) {
    return json.codePoints()
        .mapToObj(c ->
            Character.isISOControl(c) && c != '\n' && c != '\t'
                ? "\\u%04x".formatted(c)
                : Character.toString(c))
        .collect(Collectors.joining());
  }
}
