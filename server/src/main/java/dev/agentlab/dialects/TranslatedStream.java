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
final class TranslatedStream extends ClientStream {
  private final ClientStreamWriter writer;
  private final ProviderStreamReader reader;
  private final ChoiceTracker choices = new ChoiceTracker();

  /// @param createReader creates the reader, which passes its events to the given consumer
  TranslatedStream(
      StreamMemory memory,
      ClientStreamWriter writer,
      Function<Consumer<StreamEvent>, ProviderStreamReader> createReader) {
    super(memory);
    this.writer = writer;
    this.reader = createReader.apply(this::accept);
  }

  @Override
  void readBytes(byte[] bytes) {
    reader.read(bytes);
  }

  @Override
  long retainedBytes() {
    return reader.retainedBytes() + writer.retainedBytes();
  }

  @Override
  void endInput() {
    reader.endInput();
  }

  @Override
  boolean isFinished() {
    return choices.isFinished();
  }

  @Override
  void writeEnd() {
    accept(reader.createFinish());
  }

  @Override
  byte[] take() {
    return writer.take();
  }

  private void accept(StreamEvent event) {
    if (!isOpen()) {
      return;
    }
    switch (event) {
      case ResponseFailed failed -> {
        fail(ProviderErrorException.of(failed));
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
    foundContent(event.isContent());
    if (event instanceof ResponseFinished) {
      end();
    }
  }

  @Override
  public TokenUsage usage() {
    return reader.usage();
  }

  @Override
  public Optional<FinishReason> finishReason() {
    return choices.firstReason();
  }

  @Override
  public StreamPosition position() {
    return writer.position();
  }

  @Override
  public Optional<AnsweredResponse> response() {
    return writer.response();
  }
}
