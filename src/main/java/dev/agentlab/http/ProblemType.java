package dev.agentlab.http;

import java.util.Locale;

/// The kinds of failure an answer can report: a closed list, so that a client can switch over it.
///
/// Each is sent as the `type` of an RFC 9457 problem (`/problems/name-taken`); the slug never
/// changes once released.
public enum ProblemType {
  INVALID_REQUEST(400, "The request is not valid"),
  UNAUTHENTICATED(401, "The request does not show who sends it"),
  FORBIDDEN(403, "The caller may not do this"),
  NOT_FOUND(404, "There is no such resource"),
  METHOD_NOT_ALLOWED(405, "The resource has no such method"),
  REQUEST_TIMEOUT(408, "The request did not arrive in time"),
  NAME_TAKEN(409, "The name is taken"),
  SECRET_REQUIRED(409, "A changed destination needs the secret again"),
  IN_USE(409, "Others still use the resource"),
  PROVIDER_GONE(409, "The provider it would use is gone"),
  KEY_ENDED(409, "The key has expired or was revoked"),
  REQUEST_IN_PROGRESS(409, "The same request is still being handled"),
  REPLICA_STALE(409, "A replica cannot read the new key"),
  STALE_VERSION(412, "The resource has changed since it was read"),
  PAYLOAD_TOO_LARGE(413, "The request is too large"),
  URI_TOO_LONG(414, "The request's address is too long"),
  UNSUPPORTED_MEDIA_TYPE(415, "The request's media type is not supported"),
  MISDIRECTED_REQUEST(421, "The request is for another host"),
  IDEMPOTENCY_KEY_REUSED(422, "The idempotency key was used for another request"),
  ANSWER_UNCHECKED(422, "The model's answer cannot be checked"),
  HEADERS_TOO_LARGE(431, "The request's header fields are too large"),
  INTERNAL_ERROR(500, "Something went wrong here"),
  UPSTREAM_FAILED(502, "The provider did not answer as it should"),
  ANSWER_INVALID(502, "The model's answer is not what was asked for"),
  PROVIDER_SUSPENDED(503, "The provider is left alone for a while"),
  UNAVAILABLE(503, "The service cannot answer now");

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

  /// The same words at every occurrence, for people.
  public String title() {
    return title;
  }

  /// The URI reference that names the type.
  public String uri() {
    return "/problems/" + name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
