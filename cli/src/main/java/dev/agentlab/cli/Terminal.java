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

/// The input and output of a command. All text is UTF-8.
///
/// @param keyboard prompts the user; empty if input or output is a pipe or a file
/// @param colour whether the output supports escape sequences
public record Terminal(
    PrintWriter out, PrintWriter err, InputStream in, Optional<Keyboard> keyboard, boolean colour) {

  /// Prompts the user for input. An empty result means that the input ended.
  public interface Keyboard {
    Optional<String> readLine(String prompt);

    /// Prompts without echoing the input.
    Optional<String> readSecret(String prompt);

    /// Opens a line editor. Ctrl-C then interrupts the current operation; if there is none, it
    /// terminates the program as before.
    ///
    /// @param interrupt interrupts the current operation and returns whether there was one; called
    ///   on a separate thread
    LineEditor openEditor(BooleanSupplier interrupt);

    /// The failure for input that ended before required input.
    static CommandFailure inputEnded() {
      return new CommandFailure(ExitCode.FAILURE, "end of input; nothing was saved");
    }
  }

  /// A line editor with a history.
  public interface LineEditor extends AutoCloseable {
    /// Reads the next line. Empty at the end of the input.
    Optional<String> readLine(String prompt);

    @Override
    void close();
  }

  /// The outcome of a step or check.
  public enum Mark {
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

  /// The sign of an outcome, coloured if the output supports it.
  String sign(Mark mark) {
    return colour ? "\u001b[" + mark.style + "m" + mark.sign + "\u001b[0m" : mark.sign;
  }

  /// Dims text if the output supports it.
  String dim(String text) {
    return colour ? "\u001b[2m" + text + "\u001b[0m" : text;
  }

  /// Returns the keyboard to prompt for missing values.
  ///
  /// @param missing the missing values, each with its flag
  /// @throws CommandFailure if there is no keyboard; the message lists the missing values
  Keyboard requireKeyboard(List<String> missing) {
    return keyboard.orElseThrow(() -> new CommandFailure(ExitCode.USAGE, formatMissing(missing)));
  }

  /// Formats missing values, each on a line with its flag.
  static String formatMissing(List<String> missing) {
    return "missing:\n  " + String.join("\n  ", missing);
  }

  /// Reads the entire input.
  String readAll() {
    try {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Reads the first line of the input. Empty if the input is empty.
  Optional<String> readLine() {
    try {
      BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
      return Optional.ofNullable(lines.readLine());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Replaces the control characters in untrusted text, which could control the terminal.
  static String sanitize(String text) {
    return text.codePoints()
        .map(c -> Character.isISOControl(c) && c != '\n' && c != '\t' ? '\uFFFD' : c)
        .mapToObj(Character::toString)
        .collect(Collectors.joining());
  }

  /// Escapes all control characters in JSON text except newlines and tabs, including those that
  /// JSON allows unescaped.
  static String escapeControlCharacters(String json) {
    return json.codePoints()
        .mapToObj(c ->
            Character.isISOControl(c) && c != '\n' && c != '\t'
                ? "\\u%04x".formatted(c)
                : Character.toString(c))
        .collect(Collectors.joining());
  }
}
