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

/// Edits lines on the process's terminal. The history is kept in memory only: what is said to a
/// model may be confidential, so no file repeats it.
final class JLineEditor implements Terminal.LineEditor {
  /// Of SIGINT, on every system.
  private static final int INTERRUPT_NUMBER = 2;

  private final org.jline.terminal.Terminal terminal;
  private final LineReader reader;

  private JLineEditor(org.jline.terminal.Terminal terminal) {
    this.terminal = terminal;
    if (terminal.getWidth() == 0) {
      // One that nobody looks at, as of a script; a line still has to fit into it.
      terminal.setSize(new Size(80, 24));
    }
    reader =
        LineReaderBuilder.builder()
            .terminal(terminal)
            // A "!" is a character of the message.
            .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true)
            .build();
  }

  /// Takes over the terminal, and Ctrl-C on it, until it is closed or the process ends.
  ///
  /// @param interrupt says whether there was something to interrupt between two lines; called on a
  ///   thread of its own
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

  /// Ends the process as Ctrl-C does.
  private static void exit() {
    System.out.println();
    System.exit(ExitCode.ofSignal(INTERRUPT_NUMBER));
  }

  @Override
  public Optional<String> line(String prompt) {
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
