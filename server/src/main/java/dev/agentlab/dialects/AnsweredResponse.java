package dev.agentlab.dialects;

import java.util.Optional;

/// A response in OpenAI's Responses API that the client may refer to later.
///
/// @param id the id that the client has received
/// @param json the whole response object as the client received it; empty if the provider keeps it
@SuppressWarnings("ArrayRecordComponent") // Never compared.
public record AnsweredResponse(String id, Optional<byte[]> json) {}
