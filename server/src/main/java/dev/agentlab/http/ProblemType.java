package dev.agentlab.http;

import java.util.Locale;

/// The problem types of the API: a closed list, so that clients can switch over it.
///
/// Each is sent as the `type` of an RFC 9457 problem (`/problems/name-taken`). The slug, which is
/// derived from the constant, never changes once released.
public enum ProblemType {
  INVALID_REQUEST(400, "Invalid request"),
  UNAUTHENTICATED(401, "Authentication required"),
  FORBIDDEN(403, "Permission denied"),
  NOT_FOUND(404, "Resource not found"),
  METHOD_NOT_ALLOWED(405, "Method not allowed"),
  REQUEST_TIMEOUT(408, "Request timeout"),
  NAME_TAKEN(409, "Name already in use"),
  SECRET_REQUIRED(409, "Secret required for changed destination"),
  IN_USE(409, "Resource in use"),
  PROVIDER_GONE(409, "Provider no longer exists"),
  KEY_ENDED(409, "API key expired or revoked"),
  REQUEST_IN_PROGRESS(409, "Identical request in progress"),
  REPLICA_STALE(409, "Replica cannot read the new key-encryption key"),
  STALE_VERSION(412, "Resource has changed since it was read"),
  PAYLOAD_TOO_LARGE(413, "Payload too large"),
  URI_TOO_LONG(414, "URI too long"),
  UNSUPPORTED_MEDIA_TYPE(415, "Unsupported media type"),
  MISDIRECTED_REQUEST(421, "Misdirected request"),
  IDEMPOTENCY_KEY_REUSED(422, "Idempotency key used for another request"),
  ANSWER_UNCHECKED(422, "Model response cannot be validated"),
  HEADERS_TOO_LARGE(431, "Request header fields too large"),
  INTERNAL_ERROR(500, "Internal server error"),
  UPSTREAM_FAILED(502, "Provider request failed"),
  ANSWER_INVALID(502, "Invalid model response"),
  PROVIDER_SUSPENDED(503, "Provider circuit breaker open"),
  UNAVAILABLE(503, "Service unavailable");

  private final int status;
  private final String title;

  ProblemType(int status, String title) {
    this.status = status;
    this.title = title;
  }

  /// The HTTP status code.
  public int status() {
    return status;
  }

  /// The human-readable title, the same for every occurrence.
  public String title() {
    return title;
  }

  /// The URI reference that identifies the type.
  public String uri() {
    return "/problems/" + name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
