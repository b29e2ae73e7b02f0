package dev.agentlab.cli;

import java.util.Locale;
import java.util.Set;
import picocli.CommandLine.Option;

/// The agreement of whoever runs a command to what cannot be undone: by a flag, by word on a
/// terminal, and taken for granted where there is nobody to ask.
final class Confirmation {
  @Option(
      names = {"-y", "--yes"},
      description = "Do not ask.")
  private boolean yes;

  /// Asks if there is somebody to ask.
  ///
  /// @throws Failure if the answer is no
  void require(Terminal terminal, String question) {
    require(terminal, question, "nothing was removed");
  }

  /// @param refused what it means that the answer is no
  void require(Terminal terminal, String question, String refused) {
    if (!yes && terminal.keyboard().filter(person -> !agrees(person, question)).isPresent()) {
      throw new CommandFailure(ExitCode.FAILURE, refused);
    }
  }

  /// Asks, and where there is nobody to ask takes nothing for granted.
  ///
  /// @param refused what it means that the answer is no
  /// @throws Failure if the answer is no, or there is none
  void requireExpressly(Terminal terminal, String question, String refused) {
    if (!yes && terminal.keyboard().isEmpty()) {
      throw new CommandFailure(
          ExitCode.USAGE, "%s %s; --yes agrees to it".formatted(question, refused));
    }
    require(terminal, question, refused);
  }

  private static boolean agrees(Terminal.Keyboard person, String question) {
    String answer = person.line(Terminal.clean(question + " [y/N] ")).orElse("");
    return Set.of("y", "yes").contains(answer.strip().toLowerCase(Locale.ROOT));
  }
}
