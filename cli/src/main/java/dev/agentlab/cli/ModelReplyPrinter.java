package dev.agentlab.cli;

import java.util.Optional;

/// Prints the response of a model while it arrives. The text goes to standard output, the reasoning
/// before it too, but dimmed; without colours, the reasoning goes to standard error.
final class ModelReplyPrinter implements ModelReply.Listener {
  private final Terminal terminal;
  private final boolean reasoning;
  private final Optional<WaitingNote> note;
  private boolean inReasoning;
  private boolean lineIsOpen;

  /// @param reasoning whether to print the model's reasoning
  /// @param note closed before anything is printed, and at the end
  ModelReplyPrinter(Terminal terminal, boolean reasoning, Optional<WaitingNote> note) {
    this.terminal = terminal;
    this.reasoning = reasoning;
    this.note = note;
  }

  /// Prints the JSON of every event unchanged, one event a line.
  static ModelReply.Listener raw(Terminal terminal) {
    return new ModelReply.Listener() {
      @Override
      public void onEvent(String data) {
        if (data.equals(ModelReply.END_OF_STREAM)) {
          return;
        }
        terminal.out().println(Terminal.escapeControlCharacters(data.replace('\n', ' ')));
        terminal.out().flush();
      }
    };
  }

  @Override
  public void onReasoning(String text) {
    if (!reasoning) {
      return;
    }
    note.ifPresent(WaitingNote::close);
    inReasoning = true;
    if (terminal.colour()) {
      print(terminal.dim(sanitize(text)));
    } else {
      terminal.err().print(sanitize(text));
      terminal.err().flush();
    }
  }

  @Override
  public void onText(String text) {
    note.ifPresent(WaitingNote::close);
    endReasoning();
    print(sanitize(text));
    lineIsOpen = !text.endsWith("\n");
  }

  /// Ends the current line if it has text.
  void end() {
    note.ifPresent(WaitingNote::close);
    endReasoning();
    if (lineIsOpen) {
      print("\n");
      lineIsOpen = false;
    }
  }

  private void endReasoning() {
    if (!inReasoning) {
      return;
    }
    inReasoning = false;
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

  private static String sanitize(String text) {
    return Terminal.sanitize(text.replace("\r\n", "\n"));
  }
}
