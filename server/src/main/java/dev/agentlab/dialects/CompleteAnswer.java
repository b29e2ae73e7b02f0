package dev.agentlab.dialects;

import dev.agentlab.conversation.FinishReason;
import dev.agentlab.conversation.TokenUsage;
import java.util.Optional;

/// A non-streaming response in the dialect of the client.
///
/// @param json OpenAI's `chat.completion` or list of embeddings
/// @param usage the token usage that the response reports
/// @param finishReason why the first choice ended; empty for embeddings
@SuppressWarnings("ArrayRecordComponent") // Instances are never compared.
public record CompleteAnswer(byte[] json, TokenUsage usage, Optional<FinishReason> finishReason) {}
