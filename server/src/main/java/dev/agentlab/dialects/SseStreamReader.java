package dev.agentlab.dialects;

import dev.agentlab.conversation.StreamEvent;
import dev.agentlab.conversation.StreamEvent.ResponseFinished;
import dev.agentlab.conversation.TokenUsage;
import java.util.function.Consumer;
import java.util.function.Function;

/// Reads a provider's stream of server-sent events.
final class SseStreamReader implements ProviderStreamReader, SseReader.Handler {

  /// Translates the server-sent events of one provider to neutral events. Keeps state between the
  /// events of one stream.
  interface Translator {
    /// Passes on the translation of an event.
    ///
    /// @throws ProviderErrorException if the event reports an error
    /// @throws tools.jackson.core.JacksonException if the data of the event is not valid JSON
    void translate(SseEvent event);

    /// Creates the last event from what has been read.
    ResponseFinished createFinish();

    /// The usage so far.
    TokenUsage usage();

    /// The number of bytes that the translator retains for later events.
    long retainedBytes();
  }

  private final SseReader reader;
  private final Translator translator;
  private final Consumer<StreamEvent> events;
  private boolean isOpen = true;

  /// @param createTranslator creates the translator, which passes its events to the given consumer
  SseStreamReader(
      StreamMemory memory,
      Consumer<StreamEvent> events,
      Function<Consumer<StreamEvent>, Translator> createTranslator) {
    this.reader = new SseReader(memory, this);
    this.events = events;
    this.translator = createTranslator.apply(this::pass);
  }

  @Override
  public void read(byte[] bytes) {
    run(() -> reader.read(bytes));
  }

  @Override
  public void endInput() {
    run(reader::endInput);
  }

  private void run(Runnable reading) {
    if (!isOpen) {
      return;
    }
    try {
      reading.run();
    } catch (ProviderErrorException e) {
      isOpen = false;
      events.accept(e.toEvent());
    }
  }

  @Override
  public boolean isOpen() {
    return isOpen;
  }

  @Override
  public void handle(SseEvent event) {
    translator.translate(event);
  }

  private void pass(StreamEvent event) {
    if (event instanceof ResponseFinished) {
      isOpen = false;
    }
    events.accept(event);
  }

  @Override
  public ResponseFinished createFinish() {
    return translator.createFinish();
  }

  @Override
  public TokenUsage usage() {
    return translator.usage();
  }

  @Override
  public long retainedBytes() {
    return reader.bufferedBytes() + translator.retainedBytes();
  }
}
