package dev.agentlab.upstream;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// What an upstream answered, read to its end.
///
/// @param status the HTTP status code; redirects are not followed
/// @param headers by name in lower case; the first of several
/// @param body as text, at most as long as the limits say; what is not UTF-8 is replaced
public record UpstreamResponse(
    int status, Map<String, String> headers, String body, Timings timings) {
  public UpstreamResponse {
    headers = Map.copyOf(headers);
  }

  public Optional<String> header(String name) {
    return Optional.ofNullable(headers.get(name.toLowerCase(Locale.ROOT)));
  }
}
