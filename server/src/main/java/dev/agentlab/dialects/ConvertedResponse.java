package dev.agentlab.dialects;

import dev.agentlab.conversation.FinishReason;
import dev.agentlab.conversation.StreamEvent;
import dev.agentlab.conversation.StreamEvent.ChoiceFinished;
import dev.agentlab.conversation.StreamEvent.ResponseFailed;
import dev.agentlab.conversation.StreamEvent.ResponseFinished;
import dev.agentlab.conversation.TokenUsage;
import java.util.Optional;
import java.util.function.Consumer;
import tools.jackson.core.JacksonException;

/// The stream to which a non-streaming response is converted, for a provider that returned one in
/// response to a streaming request. All input has been read; [#finish] returns the events.
final class ConvertedResponse implements StreamReader {
  private final ClientStreamWriter writer;
  private TokenUsage usage = TokenUsage.NONE;
  private Optional<FinishReason> finishReason = Optional.empty();
  private boolean hasContent;
  private boolean isDone;

  /// @param readResponse reads the response and passes its events to the given consumer
  /// @throws ProviderErrorException if the response is not valid, or reports an error
  ConvertedResponse(ClientStreamWriter writer, Consumer<Consumer<StreamEvent>> readResponse) {
    this.writer = writer;
    readResponse.accept(this::accept);
  }

  private void accept(StreamEvent event) {
    switch (event) {
      case ResponseFailed failed -> throw ProviderErrorException.of(failed);
      case ResponseFinished finished -> usage = finished.usage();
      case ChoiceFinished finished when finishReason.isEmpty() ->
          finishReason = Optional.of(finished.reason());
      default -> {}
    }
    try {
      writer.write(event);
    } catch (JacksonException e) {
      throw ProviderErrorException.invalidJson();
    }
    hasContent |= event.isContent();
  }

  @Override
  public byte[] read(byte[] bytes) {
    return new byte[0];
  }

  @Override
  public byte[] finish() {
    isDone = true;
    return writer.take();
  }

  @Override
  public Optional<ProviderErrorException> error() {
    return Optional.empty();
  }

  @Override
  public boolean isDone() {
    return isDone;
  }

  @Override
  public boolean isComplete() {
    return true;
  }

  @Override
  public boolean hasContent() {
    return hasContent;
  }

  @Override
  public TokenUsage usage() {
    return usage;
  }

  @Override
  public Optional<FinishReason> finishReason() {
    return finishReason;
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
