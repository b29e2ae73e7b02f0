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

/// The head of a request: accessors and validation of its request line and headers.
record RequestHead(HttpServerRequest request) {
  private static final Pattern SEMICOLON = Pattern.compile(";");

  boolean isMalformed() {
    return request.decoderResult().isFailure();
  }

  /// Requires well-formed HTTP/1.1 with unambiguous framing.
  ///
  /// @throws RequestRejectedException if the request is malformed
  void requireWellFormed() {
    if (isMalformed()) {
      throw switch (request.decoderResult().cause()) {
        case TooLongHttpLineException _ ->
            RequestRejectedException.of(
                    ProblemType.URI_TOO_LONG, "the request line must not exceed 8 KiB")
                .withClose();
        case TooLongHttpHeaderException _ ->
            RequestRejectedException.of(
                    ProblemType.HEADERS_TOO_LARGE, "the headers must not exceed 16 KiB")
                .withClose();
        case ConnectionMonitor.UnsupportedVersionException _ ->
            malformed("unsupported HTTP version; this server supports HTTP/1.1");
        case null, default -> malformed("the request must be well-formed HTTP/1.1");
      };
    }
    int hosts = request.headers().getAll(HttpHeaders.HOST).size();
    if (hosts > 1 || (hosts == 0 && request.version() == HttpVersion.HTTP_1_1)) {
      throw malformed("Host: exactly one header is required, was %d".formatted(hosts));
    }
    if (request.headers().contains("")) {
      throw malformed("a header name must not be empty");
    }
    // The HTTP codec ignores any other coding and would parse the body as the next request.
    List<String> codings = request.headers().getAll(HttpHeaders.TRANSFER_ENCODING);
    if (codings.size() > 1
        || (codings.size() == 1 && !codings.getFirst().equalsIgnoreCase("chunked"))) {
      throw malformed("Transfer-Encoding: must be chunked");
    }
    if (!codings.isEmpty()
        && (request.version() != HttpVersion.HTTP_1_1
            || request.headers().contains(HttpHeaders.CONTENT_LENGTH))) {
      throw malformed(
          "Transfer-Encoding: requires HTTP/1.1 and must not be combined with Content-Length");
    }
    String uri = request.uri();
    for (int i = 0; i < uri.length(); i++) {
      if (uri.charAt(i) <= ' ' || uri.charAt(i) > '~') {
        throw malformed(
            "the request target must be visible ASCII; percent-encode other characters");
      }
    }
  }

  static RequestRejectedException malformed(String detail) {
    return RequestRejectedException.of(ProblemType.INVALID_REQUEST, detail).withClose();
  }

  /// The method for routing, with `GET` for `HEAD`; empty for a method that no route has.
  Optional<Method> method() {
    return switch (request.method().name()) {
      case "GET", "HEAD" -> Optional.of(Method.GET);
      case "POST" -> Optional.of(Method.POST);
      case "PUT" -> Optional.of(Method.PUT);
      case "PATCH" -> Optional.of(Method.PATCH);
      case "DELETE" -> Optional.of(Method.DELETE);
      default -> Optional.empty();
    };
  }

  /// Whether a browser opens the path as a page.
  boolean isPageView() {
    String accept = request.getHeader(HttpHeaders.ACCEPT);
    return method().equals(Optional.of(Method.GET))
        && accept != null
        && accept.startsWith("text/html");
  }

  boolean isHead() {
    return request.method().equals(HttpMethod.HEAD);
  }

  boolean isOptions() {
    return request.method().equals(HttpMethod.OPTIONS);
  }

  /// The cookie with a name, or its absence.
  HostCookie cookie(String name, ServiceOrigin origin) {
    return HostCookie.read(
        name,
        origin.isSecure(request),
        String.join(";", request.headers().getAll(HttpHeaders.COOKIE)));
  }

  /// Whether this is a CORS preflight request.
  boolean isPreflight() {
    return isOptions()
        && request.headers().contains(HttpHeaders.ORIGIN)
        && request.headers().contains(HttpHeaders.ACCESS_CONTROL_REQUEST_METHOD);
  }

  /// Whether a body follows the head.
  boolean hasBody() {
    return request.headers().contains(HttpHeaders.TRANSFER_ENCODING)
        || (request.headers().contains(HttpHeaders.CONTENT_LENGTH)
            && !"0".equals(request.getHeader(HttpHeaders.CONTENT_LENGTH)));
  }

  boolean expectsContinue() {
    return "100-continue".equalsIgnoreCase(request.getHeader(HttpHeaders.EXPECT));
  }

  /// The method for log and metrics: one of a closed list.
  String loggedMethod() {
    if (isMalformed()) {
      return "-";
    }
    String name = request.method().name();
    return switch (name) {
      case "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH" -> name;
      default -> "other";
    };
  }

  /// The undecoded path; `-` if the request is malformed.
  String path() {
    String path = request.path();
    return isMalformed() || path == null ? "-" : path;
  }

  /// The undecoded query.
  String query() {
    String query = request.query();
    return query == null ? "" : query;
  }

  /// The path and the masked query, for the log.
  ///
  /// @param known the query parameters of the route
  String loggedUri(Set<String> known) {
    String query = isMalformed() ? "" : query();
    return query.isEmpty() ? path() : path() + "?" + QueryString.mask(query, known);
  }

  /// Requires that the head announces a JSON body.
  ///
  /// @throws RequestRejectedException if the body is not JSON or is encoded
  void requireJson() {
    if (!isJson(request.getHeader(HttpHeaders.CONTENT_TYPE))) {
      throw RequestRejectedException.of(
          ProblemType.UNSUPPORTED_MEDIA_TYPE,
          "the body must be JSON in UTF-8 with the header Content-Type: application/json, was "
              + printableMediaType());
    }
    requireUnencoded();
  }

  /// Requires that the head announces a form.
  ///
  /// @throws RequestRejectedException if the body is not a form or is encoded
  void requireForm() {
    String[] parts = SEMICOLON.split(mediaType(), -1);
    boolean hasBoundary =
        Arrays.stream(parts)
            .skip(1)
            .anyMatch(part -> part.strip().toLowerCase(Locale.ROOT).startsWith("boundary="));
    if (!parts[0].strip().equalsIgnoreCase("multipart/form-data") || !hasBoundary) {
      throw RequestRejectedException.of(
          ProblemType.UNSUPPORTED_MEDIA_TYPE,
          "the body must be a form with the header Content-Type: multipart/form-data; boundary=…,"
              + " which HTTP clients set themselves (curl -F name=value), was "
              + printableMediaType());
    }
    requireUnencoded();
  }

  /// The `Content-Type` of the body; empty if absent.
  String mediaType() {
    String mediaType = request.getHeader(HttpHeaders.CONTENT_TYPE);
    return mediaType == null ? "" : mediaType;
  }

  private String printableMediaType() {
    return mediaType().isEmpty() ? "absent" : Excerpt.of(mediaType());
  }

  private void requireUnencoded() {
    String coding = request.getHeader(HttpHeaders.CONTENT_ENCODING);
    if (coding != null && !coding.equalsIgnoreCase("identity")) {
      throw RequestRejectedException.of(
              ProblemType.UNSUPPORTED_MEDIA_TYPE,
              "Content-Encoding: must be absent or identity, was " + Excerpt.of(coding))
          .withHeader("Accept-Encoding", "identity");
    }
  }

  /// Bytes that the body is said to have; 0 if nothing is said.
  long contentLength() {
    String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
    try {
      return length == null ? 0 : Long.parseLong(length);
    } catch (NumberFormatException e) {
      throw new InvalidInputException(
          "Content-Length", "must be a number of bytes, was " + Excerpt.of(length));
    }
  }

  private static boolean isJson(@Nullable String mediaType) {
    if (mediaType == null) {
      return false;
    }
    if (mediaType.equals("application/json")) {
      return true;
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
