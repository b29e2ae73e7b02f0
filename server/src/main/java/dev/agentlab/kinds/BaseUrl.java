package dev.agentlab.kinds;

/// Normalizes the `base_url` of a configuration so that a path can be appended.
final class BaseUrl {
  private static final String V1_SUFFIX = "/v1";

  private BaseUrl() {}

  /// The URL without a trailing slash.
  static String of(ProviderConfig config) {
    return withoutTrailingSlash(config.baseUrl());
  }

  static String withoutTrailingSlash(String url) {
    return url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
  }

  /// The URL ending in `/v1`, which users often omit.
  static String withV1(ProviderConfig config) {
    String url = of(config);
    return url.endsWith(V1_SUFFIX) ? url : url + V1_SUFFIX;
  }
}
