package dev.agentlab.modelclient;

import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.Flow;

/// The response of a provider as it is, whatever its status.
///
/// @param headers by name in lower case
public record RawResponse(
    int status, Map<String, String> headers, Content content, PlannedTarget planned)
    implements ModelResult {

  /// The content of a response.
  public sealed interface Content {
    /// The content of an error, without secrets of the provider; that of a long one is truncated.
    @SuppressWarnings("ArrayRecordComponent") // Instances are never compared.
    record Complete(byte[] bytes) implements Content {}

    /// Any other content.
    ///
    /// @param length the number of bytes; empty if the provider does not announce it
    /// @param parts accepts one subscriber. Fails with a [ModelCallException] if the provider
    ///   breaks off. Cancelling the subscription ends the call.
    record Stream(OptionalLong length, Flow.Publisher<byte[]> parts) implements Content {}
  }

  public RawResponse {
    headers = Map.copyOf(headers);
  }

  @Override
  public List<String> warnings() {
    return List.of();
  }

  @Override
  public int attempts() {
    return 1;
  }
}
