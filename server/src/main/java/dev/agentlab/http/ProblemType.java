package dev.agentlab.http;

import com.google.re2j.Pattern;

/// A problem type of the API, sent as the `type` of an RFC 9457 problem (`/problems/name-taken`).
/// Two types are equal if they have the same slug, status and title.
///
/// The constants are the types that the server itself or several domains use; a type of one domain
/// is a constant of that domain. The API description lists the types of each route.
///
/// @param slug lower case and hyphens; identifies the type and never changes once released
/// @param status the HTTP status code
/// @param title the human-readable title, the same for every occurrence
public record ProblemType(String slug, int status, String title) {
  private static final Pattern SLUG = Pattern.compile("[a-z]+(-[a-z]+)*");

  public static final ProblemType INVALID_REQUEST =
      new ProblemType("invalid-request", 400, "Invalid request");
  public static final ProblemType UNAUTHENTICATED =
      new ProblemType("unauthenticated", 401, "Authentication required");
  public static final ProblemType FORBIDDEN =
      new ProblemType("forbidden", 403, "Permission denied");
  public static final ProblemType NOT_FOUND =
      new ProblemType("not-found", 404, "Resource not found");
  public static final ProblemType METHOD_NOT_ALLOWED =
      new ProblemType("method-not-allowed", 405, "Method not allowed");
  public static final ProblemType REQUEST_TIMEOUT =
      new ProblemType("request-timeout", 408, "Request timeout");
  public static final ProblemType NAME_TAKEN =
      new ProblemType("name-taken", 409, "Name already in use");
  public static final ProblemType SECRET_REQUIRED =
      new ProblemType("secret-required", 409, "Secret required for changed destination");
  public static final ProblemType IN_USE = new ProblemType("in-use", 409, "Resource in use");
  public static final ProblemType REQUEST_IN_PROGRESS =
      new ProblemType("request-in-progress", 409, "Identical request in progress");
  public static final ProblemType STALE_VERSION =
      new ProblemType("stale-version", 412, "Resource has changed since it was read");
  public static final ProblemType PAYLOAD_TOO_LARGE =
      new ProblemType("payload-too-large", 413, "Payload too large");
  public static final ProblemType URI_TOO_LONG =
      new ProblemType("uri-too-long", 414, "URI too long");
  public static final ProblemType UNSUPPORTED_MEDIA_TYPE =
      new ProblemType("unsupported-media-type", 415, "Unsupported media type");
  public static final ProblemType MISDIRECTED_REQUEST =
      new ProblemType("misdirected-request", 421, "Misdirected request");
  public static final ProblemType IDEMPOTENCY_KEY_REUSED =
      new ProblemType("idempotency-key-reused", 422, "Idempotency key used for another request");
  public static final ProblemType HEADERS_TOO_LARGE =
      new ProblemType("headers-too-large", 431, "Request header fields too large");
  public static final ProblemType INTERNAL_ERROR =
      new ProblemType("internal-error", 500, "Internal server error");
  public static final ProblemType UPSTREAM_FAILED =
      new ProblemType("upstream-failed", 502, "Provider request failed");
  public static final ProblemType PROVIDER_SUSPENDED =
      new ProblemType("provider-suspended", 503, "Provider circuit breaker open");
  public static final ProblemType UNAVAILABLE =
      new ProblemType("unavailable", 503, "Service unavailable");

  public ProblemType {
    if (!SLUG.matches(slug)) {
      throw new IllegalArgumentException(
          "slug: must be lower-case words joined by hyphens, was \"%s\"".formatted(slug));
    }
    if (status < 400 || status > 599) {
      throw new IllegalArgumentException("status: must be 400 to 599, was " + status);
    }
  }

  /// The URI reference that identifies the type.
  public String uri() {
    return "/problems/" + slug;
  }
}
