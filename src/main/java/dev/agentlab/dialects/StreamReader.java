package dev.agentlab.dialects;

import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// Reads one provider's stream as its bytes come and gives out the canonical stream: server-sent
/// events whose `data` is an OpenAI `chat.completion.chunk`, the last one `[DONE]`. What it gives
/// out always ends where an event ends, so that anything may be written after it.
///
/// Belongs to one stream; not safe for several threads at once.
public interface StreamReader {

  /// The events that these bytes made whole; empty when they made none, and once the stream
  /// [#fault]ed.
  ///
  /// @param bytes cut anywhere, even within a character; not changed afterwards, as they may be
  ///   given out as they are
  byte[] read(byte[] bytes);

  /// What the stream said went wrong, or why it is no stream; empty while all is well. Nothing that
  /// comes after a fault is read.
  Optional<ProviderErrorException> fault();

  /// Whether `[DONE]` has been given out. Nothing that comes after it is read.
  boolean isDone();

  /// What is left to give out once the provider has ended the stream, in good order or by breaking
  /// off: a last event without an empty line after it, and `[DONE]` if the answer [#isWhole] and
  /// the provider did not send it. May find a [#fault]; after one, nothing is left.
  byte[] end();

  /// Whether all of the answer came, a reason to finish for every choice that began or `[DONE]`,
  /// and no fault. A stream that ends before that was cut off.
  boolean isWhole();

  /// Whether anything of a message has been given out: a text, a thought or a tool call, and not
  /// just who speaks.
  boolean hasContent();

  /// OpenAI's `usage` object, once it came.
  Optional<JsonNode> usage();
}
