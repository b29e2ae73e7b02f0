package dev.agentlab.cli;

import java.util.Locale;
import java.util.Set;
import picocli.CommandLine.Option;

/// The confirmation of an operation that cannot be undone: the flag `--yes`, or an answer on a
/// terminal.
public final class Confirmation {
  @Option(
      names = {"-y", "--yes"},
      description = "Do not ask for confirmation.")
  private boolean yes;

  /// Asks for confirmation on a terminal; without one, the operation is confirmed.
  ///
  /// @throws CommandFailure if the answer is no
  void require(Terminal terminal, String question) {
    require(terminal, question, "nothing was removed");
  }

  /// Asks for confirmation as [#require(Terminal, String)] does.
  ///
  /// @param refused the error message if the answer is no
  public void require(Terminal terminal, String question, String refused) {
    if (!yes && terminal.keyboard().filter(keyboard -> !confirms(keyboard, question)).isPresent()) {
      throw new CommandFailure(ExitCode.FAILURE, refused);
    }
  }

  /// Asks for confirmation on a terminal; without one, requires `--yes`.
  ///
  /// @param refused the error message if the answer is no
  /// @throws CommandFailure if the answer is no, or there is neither a terminal nor `--yes`
  public void requireExplicit(Terminal terminal, String question, String refused) {
    if (!yes && terminal.keyboard().isEmpty()) {
      throw new CommandFailure(
          ExitCode.USAGE, "%s %s; pass --yes to confirm".formatted(question, refused));
    }
    require(terminal, question, refused);
  }

  private static boolean confirms(Terminal.Keyboard keyboard, String question) {
    String answer = keyboard.readLine(Terminal.sanitize(question + " [y/N] ")).orElse("");
    return Set.of("y", "yes").contains(answer.strip().toLowerCase(Locale.ROOT));
  }
}
