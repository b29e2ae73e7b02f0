package dev.agentlab.kinds;

/// The `base_url` of a configuration, made ready for a path to follow.
final class BaseUrl {
  private static final String API = "/v1";

  private BaseUrl() {}

  /// Without a slash at its end.
  static String of(ProviderConfig config) {
    return withoutSlash(config.baseUrl());
  }

  static String withoutSlash(String url) {
    return url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
  }

  /// With `/v1` at its end, which people leave out.
  static String v1(ProviderConfig config) {
    String url = of(config);
    return url.endsWith(API) ? url : url + API;
  }
}
