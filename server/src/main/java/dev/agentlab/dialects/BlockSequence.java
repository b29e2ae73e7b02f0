package dev.agentlab.dialects;

import dev.agentlab.conversation.StreamEvent;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/// Starts and ends the blocks of text and reasoning of a response whose provider does not mark
/// them: a block ends when the choice goes on with something else.
final class BlockSequence {
  private enum Kind {
    TEXT,
    REASONING
  }

  private record Block(Kind kind, int id) {}

  private final Consumer<StreamEvent> events;
  private final Map<Integer, Block> openByChoice = new HashMap<>();
  private int count;

  BlockSequence(Consumer<StreamEvent> events) {
    this.events = events;
  }

  /// The id of a new block.
  int nextId() {
    return count++;
  }

  /// Passes on a part of a text.
  void text(int choice, String text) {
    Block block = openByChoice.get(choice);
    if (block == null || block.kind != Kind.TEXT) {
      block = open(choice, Kind.TEXT);
      events.accept(new StreamEvent.TextStarted(choice, block.id));
    }
    events.accept(new StreamEvent.TextDelta(choice, block.id, text));
  }

  /// Passes on a part of the reasoning.
  void reasoning(int choice, String text) {
    Block block = openByChoice.get(choice);
    if (block == null || block.kind != Kind.REASONING) {
      block = open(choice, Kind.REASONING);
      events.accept(new StreamEvent.ReasoningStarted(choice, block.id));
    }
    events.accept(new StreamEvent.ReasoningDelta(choice, block.id, text));
  }

  private Block open(int choice, Kind kind) {
    end(choice);
    Block block = new Block(kind, nextId());
    openByChoice.put(choice, block);
    return block;
  }

  /// Ends the open block of a choice, if there is one.
  void end(int choice) {
    Block block = openByChoice.remove(choice);
    if (block == null) {
      return;
    }
    events.accept(
        switch (block.kind) {
          case TEXT -> new StreamEvent.TextEnded(choice, block.id);
          case REASONING ->
              new StreamEvent.ReasoningEnded(
                  choice, block.id, Optional.empty(), Optional.empty(), Optional.empty());
        });
  }
}
