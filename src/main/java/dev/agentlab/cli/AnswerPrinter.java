package dev.agentlab.cli;

import java.util.Optional;

/// Prints the response of a model while it arrives. The text goes to standard output, the reasoning
/// before it too, but dimmed; without colours, the reasoning goes to standard error.
final class AnswerPrinter implements ModelAnswer.Listener {
  private final Terminal terminal;
  private final boolean reasoning;
  private final Optional<WaitingNote> note;
  private boolean thinking;
  private boolean lineIsOpen;

  /// @param reasoning whether to print the model's reasoning
  /// @param note closed before anything is printed, and at the end
  AnswerPrinter(Terminal terminal, boolean reasoning, Optional<WaitingNote> note) {
    this.terminal = terminal;
    this.reasoning = reasoning;
    this.note = note;
  }

  /// Prints the JSON of every event unchanged, one event a line.
  static ModelAnswer.Listener raw(Terminal terminal) {
    return new ModelAnswer.Listener() {
      @Override
      public void event(String data) {
        if (data.equals(ModelAnswer.END)) {
          return;
        }
        terminal.out().println(Terminal.escaped(data.replace('\n', ' ')));
        terminal.out().flush();
      }
    };
  }

  @Override
  public void reasoning(String text) {
    if (!reasoning) {
      return;
    }
    note.ifPresent(WaitingNote::close);
    thinking = true;
    if (terminal.colour()) {
      print(terminal.dim(shown(text)));
    } else {
      terminal.err().print(shown(text));
      terminal.err().flush();
    }
  }

  @Override
  public void text(String text) {
    note.ifPresent(WaitingNote::close);
    endThought();
    print(shown(text));
    lineIsOpen = !text.endsWith("\n");
  }

  /// Ends the current line if it has text.
  void end() {
    note.ifPresent(WaitingNote::close);
    endThought();
    if (lineIsOpen) {
      print("\n");
      lineIsOpen = false;
    }
  }

  private void endThought() {
    if (!thinking) {
      return;
    }
    thinking = false;
    if (terminal.colour()) {
      print("\n\n");
    } else {
      terminal.err().print("\n\n");
      terminal.err().flush();
    }
  }

  private void print(String text) {
    terminal.out().print(text);
    terminal.out().flush();
  }

  private static String shown(String text) {
    return Terminal.clean(text.replace("\r\n", "\n"));
  }
}
