package dev.agentlab.cli;

import java.io.PrintWriter;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// A progress note on standard error: what a command waits for, and for how many seconds. It
/// appears after one second and is erased on close if the terminal supports that.
final class WaitingNote implements AutoCloseable {
  private static final String ERASE_LINE = "\r\u001b[K";

  private final Terminal terminal;
  private final String what;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread thread;

  /// Starts the note.
  ///
  /// @param what a noun phrase after "waiting for"
  WaitingNote(Terminal terminal, String what) {
    this.terminal = terminal;
    this.what = what;
    thread = Thread.ofVirtual().start(this::run);
  }

  private void run() {
    PrintWriter err = terminal.err();
    try {
      for (int seconds = 1; !closed.await(1, TimeUnit.SECONDS); seconds++) {
        String text = Terminal.sanitize("waiting for %s: %d s".formatted(what, seconds));
        if (terminal.colour()) {
          err.print(ERASE_LINE + terminal.dim(text));
        } else if (seconds == 1) {
          err.println(text);
        }
        err.flush();
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /// Stops the note, and erases it if the terminal supports that. Further calls have no effect.
  @Override
  public void close() {
    if (closed.getCount() == 0) {
      return;
    }
    closed.countDown();
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException _) {
        interrupted = true;
      }
    }
    if (terminal.colour()) {
      terminal.err().print(ERASE_LINE);
      terminal.err().flush();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
