package dev.agentlab.upstream;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.agentlab.net.Authority;
import dev.agentlab.net.Host;
import java.net.URI;
import java.util.Locale;

/// The origin of a URL: scheme, host and port (RFC 6454).
///
/// @param secure whether the scheme is `https` rather than `http`
/// @param port from 1 to 65535
public record Origin(boolean secure, Host host, int port) {
  private static final int MAX_KNOWN = 1_000;

  /// By scheme and authority, because parsing takes longer than the rest of a call's preparation.
  private static final Cache<String, Origin> KNOWN =
      Caffeine.newBuilder().maximumSize(MAX_KNOWN).executor(Runnable::run).build();

  /// The origin of a URL.
  ///
  /// @throws IllegalArgumentException if the URL has no valid origin; the message states what is
  ///   accepted and contains no part of the URL
  public static Origin of(URI url) {
    String scheme = url.getScheme() == null ? "" : url.getScheme().toLowerCase(Locale.ROOT);
    boolean secure = scheme.equals("https");
    if (!secure && !scheme.equals("http")) {
      throw new IllegalArgumentException("must begin with http:// or https://");
    }
    if (url.getRawAuthority() == null) {
      throw new IllegalArgumentException("must contain a host, such as http://localhost:11434");
    }
    return KNOWN.get(
        scheme + "://" + url.getRawAuthority(), _ -> of(secure, url.getRawAuthority()));
  }

  private static Origin of(boolean secure, String text) {
    Authority authority = Authority.parse(text);
    return new Origin(secure, authority.host(), authority.port().orElse(defaultPort(secure)));
  }

  /// The origin as in a URL, without the default port of the scheme.
  @Override
  public String toString() {
    String suffix = port == defaultPort(secure) ? "" : ":" + port;
    return (secure ? "https://" : "http://") + host + suffix;
  }

  private static int defaultPort(boolean secure) {
    return secure ? 443 : 80;
  }
}
