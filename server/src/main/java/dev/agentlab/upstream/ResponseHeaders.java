package dev.agentlab.upstream;

import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/// Reads the header fields of a response.
final class ResponseHeaders {
  private ResponseHeaders() {}

  /// All fields by name in lower case; the first value of a repeated field.
  static Map<String, String> toMap(HttpClientResponse response) {
    Map<String, String> fields = new HashMap<>();
    response
        .headers()
        .forEach((name, value) -> fields.putIfAbsent(name.toLowerCase(Locale.ROOT), value));
    return fields;
  }

  /// All fields by name in lower case; the values of a repeated field are joined with commas.
  static Map<String, String> toJoinedMap(HttpClientResponse response) {
    Map<String, String> fields = new HashMap<>();
    response
        .headers()
        .forEach((name, value) ->
            fields.merge(name.toLowerCase(Locale.ROOT), value, (one, other) -> one + ", " + other));
    return fields;
  }

  /// Whether the body has a `Content-Encoding`, such as a compression.
  static boolean isEncoded(HttpClientResponse response) {
    String encoding = response.headers().get(HttpHeaders.CONTENT_ENCODING);
    return encoding != null
        && !encoding.isBlank()
        && !encoding.strip().equalsIgnoreCase("identity");
  }

  /// Whether the body is a single JSON value. Any other type may be a stream: some servers label
  /// streams as plain text.
  static boolean isJson(HttpClientResponse response) {
    String contentType = response.headers().get(HttpHeaders.CONTENT_TYPE);
    String type = contentType == null ? "" : contentType;
    int parameters = type.indexOf(';');
    type = parameters < 0 ? type : type.substring(0, parameters);
    type = type.strip().toLowerCase(Locale.ROOT);
    return type.equals("application/json") || type.endsWith("+json");
  }
}
