package dev.agentlab.modelclient;

import java.util.Map;
import java.util.Optional;

/// What a client says about a call, beside the request to the model.
///
/// @param requestId the id of the HTTP request, which a client may have chosen and repeated
/// @param session the conversation or piece of work that the call is part of
/// @param endUser the person for whom the caller makes the call
/// @param tags names and values that the caller chose
public record CallLabels(
    String requestId,
    Optional<String> session,
    Optional<String> endUser,
    Map<String, String> tags) {
  public CallLabels {
    tags = Map.copyOf(tags);
  }

  /// The labels of a request that has only an id.
  public static CallLabels of(String requestId) {
    return new CallLabels(requestId, Optional.empty(), Optional.empty(), Map.of());
  }
}
