package dev.agentlab.http;

import com.google.re2j.Pattern;
import dev.agentlab.errors.Excerpt;
import dev.agentlab.errors.InvalidInputException;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The head of a request: what its first line and headers say, and whether they may say it.
record RequestHead(HttpServerRequest request) {
  private static final Pattern SEMICOLON = Pattern.compile(";");

  boolean isBroken() {
    return request.decoderResult().isFailure();
  }

  /// @throws Refusal if the request cannot be understood
  void requireWellFormed() {
    if (isBroken()) {
      throw switch (request.decoderResult().cause()) {
        case TooLongHttpLineException _ ->
            RequestRejectedException.of(ProblemType.URI_TOO_LONG, "the first line is at most 8 KiB")
                .andClose();
        case TooLongHttpHeaderException _ ->
            RequestRejectedException.of(
                    ProblemType.HEADERS_TOO_LARGE, "the headers are at most 16 KiB")
                .andClose();
        case ConnectionMonitor.UnsupportedVersion _ -> broken("this server speaks HTTP/1.1");
        case null, default -> broken("the request is not well-formed HTTP/1.1");
      };
    }
    int hosts = request.headers().getAll(HttpHeaders.HOST).size();
    if (hosts > 1 || (hosts == 0 && request.version() == HttpVersion.HTTP_1_1)) {
      throw broken("a request has one Host header");
    }
    if (request.headers().contains("")) {
      throw broken("a header has a name");
    }
    // The HTTP codec would take another coding for no body, and the body for the next request.
    List<String> codings = request.headers().getAll(HttpHeaders.TRANSFER_ENCODING);
    if (codings.size() > 1 || codings.stream().anyMatch(it -> !it.equalsIgnoreCase("chunked"))) {
      throw broken("the one transfer coding understood is chunked");
    }
    if (!codings.isEmpty()
        && (request.version() != HttpVersion.HTTP_1_1
            || request.headers().contains(HttpHeaders.CONTENT_LENGTH))) {
      throw broken("a transfer coding is for HTTP/1.1, and stands in place of Content-Length");
    }
    String uri = request.uri();
    for (int i = 0; i < uri.length(); i++) {
      if (uri.charAt(i) <= ' ' || uri.charAt(i) > '~') {
        throw broken("anything but visible ASCII must be percent-encoded in a request's address");
      }
    }
  }

  static RequestRejectedException broken(String detail) {
    return RequestRejectedException.of(ProblemType.INVALID_REQUEST, detail).andClose();
  }

  /// Which route a router is to look for; empty for a method that no route has.
  Optional<Method> method() {
    return switch (request.method().name()) {
      case "GET", "HEAD" -> Optional.of(Method.GET);
      case "POST" -> Optional.of(Method.POST);
      case "PUT" -> Optional.of(Method.PUT);
      case "DELETE" -> Optional.of(Method.DELETE);
      default -> Optional.empty();
    };
  }

  boolean isHead() {
    return request.method().equals(HttpMethod.HEAD);
  }

  boolean isOptions() {
    return request.method().equals(HttpMethod.OPTIONS);
  }

  /// Whether a browser asks what a script of another origin may do.
  boolean isPreflight() {
    return isOptions()
        && request.headers().contains(HttpHeaders.ORIGIN)
        && request.headers().contains(HttpHeaders.ACCESS_CONTROL_REQUEST_METHOD);
  }

  /// Whether a body comes after it.
  boolean announcesBody() {
    return request.headers().contains(HttpHeaders.TRANSFER_ENCODING)
        || (request.headers().contains(HttpHeaders.CONTENT_LENGTH)
            && !"0".equals(request.getHeader(HttpHeaders.CONTENT_LENGTH)));
  }

  boolean awaitsContinue() {
    return "100-continue".equalsIgnoreCase(request.getHeader(HttpHeaders.EXPECT));
  }

  /// The method as the log and the statistics know it: one of a closed list.
  String methodName() {
    if (isBroken()) {
      return "-";
    }
    String name = request.method().name();
    return switch (name) {
      case "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH" -> name;
      default -> "other";
    };
  }

  /// The path as it stands in the request; `-` if the request cannot be understood.
  String path() {
    String path = request.path();
    return isBroken() || path == null ? "-" : path;
  }

  /// The query as it stands in the request.
  String query() {
    String query = request.query();
    return query == null ? "" : query;
  }

  /// The address asked for, as the log may know it.
  ///
  /// @param known the query parameters of the route
  String loggedUri(Set<String> known) {
    String query = isBroken() ? "" : query();
    return query.isEmpty() ? path() : path() + "?" + Query.masked(query, known);
  }

  /// @throws Refusal if the body is no JSON or is encoded
  void requireJson() {
    if (!isJson(request.getHeader(HttpHeaders.CONTENT_TYPE))) {
      throw RequestRejectedException.of(
          ProblemType.UNSUPPORTED_MEDIA_TYPE,
          "the body must be JSON in UTF-8 and come with the header Content-Type: application/json,"
              + " which was "
              + shownMediaType());
    }
    requirePlain();
  }

  /// @throws Refusal if the body is no form or is encoded
  void requireForm() {
    String[] parts = SEMICOLON.split(mediaType(), -1);
    boolean bounded =
        Arrays.stream(parts)
            .skip(1)
            .anyMatch(part -> part.strip().toLowerCase(Locale.ROOT).startsWith("boundary="));
    if (!parts[0].strip().equalsIgnoreCase("multipart/form-data") || !bounded) {
      throw RequestRejectedException.of(
          ProblemType.UNSUPPORTED_MEDIA_TYPE,
          "the body must be a form with the header Content-Type: multipart/form-data; boundary=…,"
              + " as clients send forms by themselves (curl -F name=value); it was "
              + shownMediaType());
    }
    requirePlain();
  }

  /// What the body says it is; empty text if it says nothing.
  String mediaType() {
    String mediaType = request.getHeader(HttpHeaders.CONTENT_TYPE);
    return mediaType == null ? "" : mediaType;
  }

  private String shownMediaType() {
    return mediaType().isEmpty() ? "not given" : Excerpt.of(mediaType());
  }

  private void requirePlain() {
    String coding = request.getHeader(HttpHeaders.CONTENT_ENCODING);
    if (coding != null && !coding.equalsIgnoreCase("identity")) {
      throw RequestRejectedException.of(
              ProblemType.UNSUPPORTED_MEDIA_TYPE, "the body must not be compressed or encoded")
          .with("Accept-Encoding", "identity");
    }
  }

  /// Bytes that the body is said to have; 0 if nothing is said.
  long length() {
    String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
    try {
      return length == null ? 0 : Long.parseLong(length);
    } catch (NumberFormatException e) {
      throw new InvalidInputException("Content-Length", "must be a number of bytes");
    }
  }

  private static boolean isJson(@Nullable String mediaType) {
    if (mediaType == null) {
      return false;
    }
    String[] parts = SEMICOLON.split(mediaType.toLowerCase(Locale.ROOT).replace("\"", ""), -1);
    for (int i = 1; i < parts.length; i++) {
      String parameter = parts[i].strip();
      if (parameter.startsWith("charset=") && !parameter.equals("charset=utf-8")) {
        return false;
      }
    }
    return parts[0].strip().equals("application/json");
  }
}
