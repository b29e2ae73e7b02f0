package dev.agentlab.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.UserInterruptException;
import org.jline.terminal.Size;
import org.jline.terminal.Terminal.Signal;
import org.jline.terminal.TerminalBuilder;

/// The line editor on the terminal of the process. The history is kept in memory only, because
/// prompts may be confidential.
final class JLineEditor implements Terminal.LineEditor {
  /// The number of SIGINT on all supported systems.
  private static final int SIGINT = 2;

  private final org.jline.terminal.Terminal terminal;
  private final LineReader reader;

  private JLineEditor(org.jline.terminal.Terminal terminal) {
    this.terminal = terminal;
    if (terminal.getWidth() == 0) {
      // Not a visible terminal, such as that of a script; lines still need a width.
      terminal.setSize(new Size(80, 24));
    }
    reader =
        LineReaderBuilder.builder()
            .terminal(terminal)
            // A "!" is an ordinary character.
            .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true)
            .build();
  }

  /// Opens an editor, which controls the terminal and handles Ctrl-C until it is closed or the
  /// process ends.
  ///
  /// @param interrupt interrupts the current operation and returns whether there was one; called on
  ///   a separate thread, and only while no line is being edited
  static JLineEditor open(BooleanSupplier interrupt) {
    try {
      var terminal = TerminalBuilder.builder().system(true).dumb(true).build();
      var _ =
          terminal.handle(
              Signal.INT,
              _ -> {
                if (!interrupt.getAsBoolean()) {
                  exit();
                }
              });
      return new JLineEditor(terminal);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Terminates the process with the exit code of SIGINT.
  private static void exit() {
    System.out.println();
    System.exit(ExitCode.ofSignal(SIGINT));
  }

  @Override
  public Optional<String> readLine(String prompt) {
    try {
      return Optional.of(reader.readLine(prompt));
    } catch (EndOfFileException _) {
      return Optional.empty();
    } catch (UserInterruptException _) {
      exit();
      return Optional.empty();
    }
  }

  @Override
  public void close() {
    try {
      terminal.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
