package dev.agentlab.responses;

import java.util.Optional;

/// A response to which its caller may refer.
///
/// @param id the id that the client has received
/// @param previous the id of the response that this one continues
/// @param model the name by which the client called the model
/// @param provider the name of the provider that answered
/// @param content what the service keeps of it; empty if the provider keeps the response
public record StoredResponse(
    String id,
    Optional<String> previous,
    String model,
    String provider,
    Optional<Content> content) {

  /// The content of a response.
  ///
  /// @param input the JSON array with the input items of its request
  /// @param response the JSON object of the response, with its output items
  public record Content(String input, String response) {}

  /// A copy with content.
  StoredResponse withContent(Content found) {
    return new StoredResponse(id, previous, model, provider, Optional.of(found));
  }
}
