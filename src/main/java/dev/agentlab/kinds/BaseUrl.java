package dev.agentlab.kinds;

/// Normalizes the `base_url` of a configuration so that a path can be appended.
final class BaseUrl {
  private static final String API = "/v1";

  private BaseUrl() {}

  /// The URL without a trailing slash.
  static String of(ProviderConfig config) {
    return withoutSlash(config.baseUrl());
  }

  static String withoutSlash(String url) {
    return url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
  }

  /// The URL ending in `/v1`, which users often omit.
  static String v1(ProviderConfig config) {
    String url = of(config);
    return url.endsWith(API) ? url : url + API;
  }
}
