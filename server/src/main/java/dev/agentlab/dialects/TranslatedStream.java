package dev.agentlab.dialects;

import dev.agentlab.conversation.FinishReason;
import dev.agentlab.conversation.StreamEvent;
import dev.agentlab.conversation.StreamEvent.ChoiceEvent;
import dev.agentlab.conversation.StreamEvent.ChoiceFinished;
import dev.agentlab.conversation.StreamEvent.ResponseFailed;
import dev.agentlab.conversation.StreamEvent.ResponseFinished;
import dev.agentlab.conversation.TokenUsage;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import tools.jackson.core.JacksonException;

/// Translates the stream of a provider to that of a client: the reader of the one produces events,
/// and the writer of the other consumes them.
final class TranslatedStream implements StreamReader {
  private final StreamMemory memory;
  private final ClientStreamWriter writer;
  private final ProviderStreamReader reader;
  private final ChoiceTracker choices = new ChoiceTracker();
  private Optional<ProviderErrorException> error = Optional.empty();
  private boolean isDone;
  private boolean hasContent;

  /// @param createReader creates the reader, which passes its events to the given consumer
  TranslatedStream(
      StreamMemory memory,
      ClientStreamWriter writer,
      Function<Consumer<StreamEvent>, ProviderStreamReader> createReader) {
    this.memory = memory;
    this.writer = writer;
    this.reader = createReader.apply(this::accept);
  }

  @Override
  public byte[] read(byte[] bytes) {
    if (isOpen()) {
      try {
        reader.read(bytes);
        memory.setRetained(reader.retainedBytes() + writer.retainedBytes());
      } catch (ProviderErrorException e) {
        error = Optional.of(e);
      }
    }
    return writer.take();
  }

  @Override
  public byte[] finish() {
    if (isOpen()) {
      try {
        reader.endInput();
        if (isOpen() && choices.isFinished()) {
          accept(reader.createFinish());
        }
      } catch (ProviderErrorException e) {
        error = Optional.of(e);
      }
    }
    return writer.take();
  }

  private boolean isOpen() {
    return error.isEmpty() && !isDone;
  }

  private void accept(StreamEvent event) {
    if (!isOpen()) {
      return;
    }
    switch (event) {
      case ResponseFailed failed -> {
        error = Optional.of(ProviderErrorException.of(failed));
        return;
      }
      case ChoiceFinished finished -> choices.finish(finished.choice(), finished.reason());
      case ChoiceEvent any -> choices.begin(any.choice());
      default -> {}
    }
    try {
      writer.write(event);
    } catch (JacksonException e) {
      // Jackson parses an escaped unpaired surrogate, but does not write it.
      throw ProviderErrorException.invalidJson();
    }
    hasContent |= event.isContent();
    isDone |= event instanceof ResponseFinished;
  }

  @Override
  public Optional<ProviderErrorException> error() {
    return error;
  }

  @Override
  public boolean isDone() {
    return isDone;
  }

  @Override
  public boolean isComplete() {
    return error.isEmpty() && (isDone || choices.isFinished());
  }

  @Override
  public boolean hasContent() {
    return hasContent;
  }

  @Override
  public TokenUsage usage() {
    return reader.usage();
  }

  @Override
  public Optional<FinishReason> finishReason() {
    return choices.firstReason();
  }
}
