package dev.agentlab.dialects;

import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.memory.MemoryBudget;
import java.time.Instant;
import java.util.Optional;

/// The translation between the dialect of a client and the API of one provider. Stateless and
/// thread-safe.
///
/// Unknown members are passed through where the other side accepts them. What cannot be translated
/// is either rejected or listed in [ProviderRequest#warnings], never silently dropped.
public interface Dialect {

  /// Whether the provider has this operation of the client's API itself. Bodies and header fields
  /// then pass as they are.
  boolean isNative(Operation operation);

  /// The vendor whose API it is, such as `openai`; clients of that API understand the errors of the
  /// provider.
  String vendor();

  /// Translates a request for the provider.
  ///
  /// @throws InvalidInputException if the request uses a feature that the API does not support;
  ///   names the member
  ProviderRequest translateRequest(ModelRequest request);

  /// Reads a non-streaming response without a tree, if its bytes are those for the client.
  ///
  /// @param body the body of a response with status 200
  /// @return empty if it has to be translated, or if it may report an error
  default Optional<CompleteAnswer> scanResponse(ModelRequest request, byte[] body) {
    return Optional.empty();
  }

  /// Translates a non-streaming response for the client.
  ///
  /// @param body the body of a response with status 200
  /// @param at when the response arrived
  /// @throws ProviderErrorException if the body reports an error, or is not a valid response
  CompleteAnswer translateResponse(ModelRequest request, byte[] body, Instant at);

  /// Creates a reader for the streaming response to one request.
  ///
  /// @param request is not retained, so that it can be freed during the stream
  /// @param at when the stream began
  /// @param memory the reservation that accounts for the memory of the reader; closed by its owner
  StreamReader createStreamReader(
      ModelRequest request, Instant at, MemoryBudget.Reservation memory);

  /// Translates a non-streaming chat response to a stream for the client, for a provider that
  /// returned one in response to a streaming request.
  ///
  /// @param body the body of a response with status 200
  /// @param at when the response arrived
  /// @return a reader that has read the whole response and expects no input; [StreamReader#finish]
  ///   returns the stream
  /// @throws ProviderErrorException if the body reports an error, or is not a valid response
  StreamReader translateResponseToStream(ModelRequest request, byte[] body, Instant at);
}
