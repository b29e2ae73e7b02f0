package dev.agentlab.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.testing.Await;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class WaitingNoteTest {
  private final StringWriter err = new StringWriter();

  private Terminal terminal(boolean colour) {
    return new Terminal(
        new PrintWriter(Writer.nullWriter()),
        new PrintWriter(err),
        InputStream.nullInputStream(),
        Optional.empty(),
        colour);
  }

  @Test
  void noteCountsSecondsAndIsErased() {
    try (var _ = new WaitingNote(terminal(true), "an answer")) {
      Await.until("the second second", () -> err.toString().contains("waiting for an answer: 2 s"));
    }

    assertThat(err.toString()).contains("answer: 1 s").endsWith("\r\u001b[K");
  }

  @Test
  void noteWithoutEscapeSequencesIsOneLine() {
    try (var _ = new WaitingNote(terminal(false), "an answer")) {
      Await.until("the note", () -> !err.toString().isEmpty());
    }

    assertThat(err.toString()).startsWith("waiting for an answer: 1 s").doesNotContain("\u001b");
  }

  @Test
  void closingNoteTwiceErasesOnce() {
    WaitingNote note = new WaitingNote(terminal(true), "an answer");
    note.close();
    String erased = err.toString();
    note.close();

    assertThat(err).hasToString(erased);
  }
}
