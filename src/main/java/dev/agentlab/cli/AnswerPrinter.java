package dev.agentlab.cli;

/// Prints an answer while it comes: the text as the result, what the model thinks before it dimly
/// or, without colours, beside the result.
final class AnswerPrinter implements ModelAnswer.Listener {
  private final Terminal terminal;
  private final boolean reasoning;
  private boolean thinking;
  private boolean lineIsOpen;

  /// @param reasoning whether to show what the model thinks
  AnswerPrinter(Terminal terminal, boolean reasoning) {
    this.terminal = terminal;
    this.reasoning = reasoning;
  }

  /// Prints the JSON of every event as it is, one a line.
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
    endThought();
    print(shown(text));
    lineIsOpen = !text.endsWith("\n");
  }

  /// Ends the line that is open, if one is.
  void end() {
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
