package dev.agentlab.http;

import com.google.re2j.Pattern;
import dev.agentlab.net.Authority;
import dev.agentlab.net.Host;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The hosts that the `Host` header of a request may name. The check prevents DNS rebinding: a web
/// page can make its own host name resolve to this machine and would then be same-origin with this
/// service, but the browser still sends the name of the page in `Host`.
///
/// A service that listens on a loopback address allows `localhost` and loopback addresses. A
/// service that listens on another address also allows every IP address, because an address cannot
/// be rebound and probes of orchestrators use addresses. Safe for all threads.
final class AllowedHosts {
  private static final String ANY = "*";
  private static final Pattern FINAL_DOT = Pattern.compile("\\.(:[0-9]+)?$");
  private static final Host LOCALHOST = Host.parse("localhost");

  private final boolean allowsAny;
  private final boolean loopbackOnly;
  private final Set<Host> allowed = new HashSet<>();

  /// The authority allowed last: most requests have the same.
  private volatile String lastAllowed = LOCALHOST.text();

  /// @param listenHost the address to listen on, or its name
  /// @param listed further hosts, or `*` to allow any
  /// @throws IllegalArgumentException if an element of `listed` is not a host
  AllowedHosts(String listenHost, List<String> listed) {
    allowsAny = listed.contains(ANY);
    Optional<Host> own = Host.parseSetting(listenHost);
    loopbackOnly = own.map(Host::isLoopback).orElse(false);
    own.ifPresent(allowed::add);
    allowed.add(LOCALHOST);
    for (String host : listed) {
      if (!host.equals(ANY)) {
        allowed.add(
            Host.parseSetting(host)
                .orElseThrow(
                    () -> new IllegalArgumentException("\"%s\" is not a host".formatted(host))));
      }
    }
  }

  /// Requires that a request is for an allowed host.
  ///
  /// @param hostHeader the `Host` header; null in HTTP/1.0
  /// @param target the request target, which may be an absolute URL
  /// @throws RequestRejectedException if the header or the target names another host or is
  ///   malformed
  void require(@Nullable String hostHeader, String target) {
    if (hostHeader != null) {
      require(hostHeader);
    }
    int scheme = target.startsWith("/") ? -1 : target.indexOf("://");
    if (scheme >= 0) {
      require(authority(target.substring(scheme + 3)));
    }
  }

  private static String authority(String rest) {
    for (int i = 0; i < rest.length(); i++) {
      if ("/?#".indexOf(rest.charAt(i)) >= 0) {
        return rest.substring(0, i);
      }
    }
    return rest;
  }

  private void require(String authority) {
    if (allowsAny || authority.equals(lastAllowed)) {
      return;
    }
    Host host = parse(authority);
    if (!allows(host)) {
      throw RequestRejectedException.of(
          ProblemType.MISDIRECTED_REQUEST,
          "Host: \"%s\" is not an allowed host of this service; to allow it, add it to"
                  .formatted(host.text())
              + " server.allowed_hosts (SERVER_ALLOWED_HOSTS)");
    }
    lastAllowed = authority;
  }

  private static Host parse(String authority) {
    // A final dot makes a name absolute; it is the same host.
    String relative = FINAL_DOT.matcher(authority).replaceFirst("$1");
    try {
      Host host = Authority.parse(relative).host();
      if (host.address().isEmpty() || relative.equals(authority)) {
        return host;
      }
    } catch (IllegalArgumentException _) {
      // As below.
    }
    throw RequestHead.malformed("Host: must be a host with an optional port");
  }

  private boolean allows(Host host) {
    return allowed.contains(host)
        || (host.address().isPresent() && (host.isLoopback() || !loopbackOnly));
  }
}
