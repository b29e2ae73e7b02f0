package dev.agentlab.http;

/// The entity tag of a resource: the version of its row as a strong tag (RFC 9110, section 8.8.3).
public final class ETag {
  private ETag() {}

  /// Returns the header value for a version: `"7"`.
  public static String of(long version) {
    return "\"" + version + "\"";
  }
}
