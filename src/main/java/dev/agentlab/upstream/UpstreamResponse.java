package dev.agentlab.upstream;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// What an upstream answered, read to its end; of a long error only the beginning.
///
/// @param status the HTTP status code; redirects are not followed
/// @param headers by name in lower case; the first of several
/// @param bytes at most as many as the limits say
@SuppressWarnings("ArrayRecordComponent") // Nobody compares two of them.
public record UpstreamResponse(
    int status, Map<String, String> headers, byte[] bytes, CallTimings timings)
    implements Transport.Opened {
  public UpstreamResponse {
    headers = Map.copyOf(headers);
  }

  public Optional<String> header(String name) {
    return Optional.ofNullable(headers.get(name.toLowerCase(Locale.ROOT)));
  }

  /// The bytes as text; what is not UTF-8 is replaced.
  public String body() {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
