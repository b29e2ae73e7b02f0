package dev.agentlab.upstream;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// The complete response of an upstream. The body of a long error response is truncated.
///
/// @param status the HTTP status code; redirects are not followed
/// @param headers by name in lower case; the first value of a repeated field
/// @param bytes the body, within the limit of [UpstreamLimits]
@SuppressWarnings("ArrayRecordComponent") // Never compared.
public record UpstreamResponse(
    int status, Map<String, String> headers, byte[] bytes, CallTimings timings)
    implements Transport.Result {
  public UpstreamResponse {
    headers = Map.copyOf(headers);
  }

  public Optional<String> header(String name) {
    return Optional.ofNullable(headers.get(name.toLowerCase(Locale.ROOT)));
  }

  /// The body as text; malformed UTF-8 is replaced.
  public String text() {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
