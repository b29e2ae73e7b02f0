package dev.agentlab.http;

/// The entity tag of a resource: its row's version as a strong tag (RFC 9110, 8.8.3).
public final class ETag {
  private ETag() {}

  /// The header's value for a version: `"7"`.
  public static String of(long version) {
    return "\"" + version + "\"";
  }
}
