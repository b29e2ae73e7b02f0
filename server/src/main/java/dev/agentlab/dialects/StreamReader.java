package dev.agentlab.dialects;

import dev.agentlab.conversation.FinishReason;
import dev.agentlab.conversation.TokenUsage;
import java.util.Optional;

/// Reads the stream of a provider, chunk by chunk, and returns the stream for the client:
/// server-sent events in the client's [ChatFormat], the last of them its end mark, such as
/// `[DONE]`. The output always ends at an event boundary, so that other events can be appended.
///
/// Each instance reads one stream. Not thread-safe.
public interface StreamReader {

  /// Reads a chunk and returns the events that it completes; empty if it completes none, or after a
  /// [#error].
  ///
  /// @param bytes a chunk of any length, which may end within a character; must not be changed
  ///   afterwards, because the array may be returned as it is
  byte[] read(byte[] bytes);

  /// The error that the stream reported, or the reason why it is not valid; empty if there is none.
  /// Input after an error is ignored.
  Optional<ProviderErrorException> error();

  /// Whether the end mark has been returned. Input after it is ignored.
  boolean isDone();

  /// Returns the remaining output after the provider has ended or broken off the stream: a last
  /// event without a trailing empty line, and the end mark if the completion [#isComplete] and the
  /// provider did not send it. May detect a [#error]; after one, there is no remaining output.
  byte[] finish();

  /// Whether the completion is complete: there is no error, and either the end mark or the finish
  /// reason of every choice has arrived. A stream that ends earlier is truncated.
  boolean isComplete();

  /// Whether content has been returned: text, reasoning or a tool call, as opposed to only the
  /// role.
  boolean hasContent();

  /// The token usage so far; [TokenUsage#NONE] until it arrives.
  TokenUsage usage();

  /// Why the first choice ended; empty until it has.
  Optional<FinishReason> finishReason();

  /// How far the output has come.
  default StreamPosition position() {
    return StreamPosition.UNNUMBERED;
  }

  /// The response to which the client may refer later; empty until it is known, and in an API
  /// without such references.
  default Optional<AnsweredResponse> response() {
    return Optional.empty();
  }
}
