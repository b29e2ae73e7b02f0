package dev.agentlab.proxy;

import com.google.re2j.Pattern;
import dev.agentlab.net.Authority;
import dev.agentlab.net.Host;
import dev.agentlab.net.PercentEncoding;
import dev.agentlab.secrets.Secret;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/// An HTTP proxy. The connection to the proxy itself is not encrypted. The string form masks the
/// credentials.
///
/// @param port from 1 to 65535
/// @param credentials the user name and the password, separated by a colon
public record HttpProxy(Host host, int port, Optional<Secret> credentials) {
  private static final String SCHEME = "http://";
  private static final int DEFAULT_PORT = 80;
  private static final Pattern SCHEME_PREFIX = Pattern.compile("(?i)^http://");
  private static final Pattern CREDENTIALS = Pattern.compile("[^:[:cntrl:]]+:[^[:cntrl:]]*");

  /// Parses a URL such as `http://user:password@proxy.example.com:3128`. The scheme, the
  /// credentials and the port 80 may be omitted.
  ///
  /// @throws IllegalArgumentException if the text has another form; the message states what is
  ///   accepted and contains no part of the text
  public static HttpProxy parse(String url) {
    String rest = SCHEME_PREFIX.matcher(url).replaceFirst("");
    if (rest.contains("://")) {
      throw new IllegalArgumentException(
          "must begin with http://: the connection to the proxy can use neither TLS nor SOCKS");
    }
    int at = rest.lastIndexOf('@');
    String address = rest.substring(at + 1);
    Authority authority =
        Authority.parse(
            address.endsWith("/") ? address.substring(0, address.length() - 1) : address);
    HttpProxy proxy =
        new HttpProxy(authority.host(), authority.port().orElse(DEFAULT_PORT), Optional.empty());
    return at < 0 ? proxy : proxy.withCredentials(parseUserInfo(rest.substring(0, at)));
  }

  private static Secret parseUserInfo(String userInfo) {
    int colon = userInfo.indexOf(':');
    String user = colon < 0 ? userInfo : userInfo.substring(0, colon);
    String password = colon < 0 ? "" : userInfo.substring(colon + 1);
    String credentials = PercentEncoding.decode(user) + ":" + PercentEncoding.decode(password);
    if (!areCredentials(credentials)) {
      throw new IllegalArgumentException(
          "has credentials that are not a user name and a password, percent-encoded");
    }
    return Secret.of(credentials);
  }

  /// Whether the text is a user name and a password, separated by a colon (RFC 7617).
  public static boolean areCredentials(String text) {
    return CREDENTIALS.matches(text);
  }

  /// The same proxy with other credentials.
  public HttpProxy withCredentials(Secret otherCredentials) {
    return new HttpProxy(host, port, Optional.of(otherCredentials));
  }

  /// The value of the header field `Proxy-Authorization` (RFC 7617).
  public Optional<Secret> authorization() {
    return credentials.map(it ->
        Secret.of(
            "Basic "
                + Base64.getEncoder()
                    .encodeToString(it.reveal().getBytes(StandardCharsets.UTF_8))));
  }

  /// The URL with masked credentials.
  @Override
  public String toString() {
    return SCHEME + credentials.map(it -> it + "@").orElse("") + host + ":" + port;
  }
}
