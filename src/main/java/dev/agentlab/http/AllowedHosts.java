package dev.agentlab.http;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Which hosts a request may say it is for. A page of a stranger can have its own name lead to this
/// machine (DNS rebinding) and then count here as of the same origin, but a browser still says
/// whose page it is: the name in `HostHeader`. So a name counts only where it is known to mean this
/// service.
///
/// A service that listens on a loopback address is known by `localhost` and loopback addresses. One
/// that listens on others is known by any address too, because an address cannot be rebound; probes
/// of orchestrators use them.
final class AllowedHosts {
  private static final String ANY = "*";
  private static final HostHeader LOCALHOST = new HostHeader("localhost", Optional.empty());

  private final boolean any;
  private final boolean loopbackOnly;
  private final Set<HostHeader> known = new HashSet<>();

  /// What was last let in: most requests say the same.
  private volatile String last = LOCALHOST.name();

  /// @param bound the address to listen on, or its name
  /// @param listed more names, or `*` for any
  /// @throws IllegalArgumentException if one of the listed is neither
  AllowedHosts(String bound, List<String> listed) {
    any = listed.contains(ANY);
    Optional<HostHeader> own = HostHeader.of(bound);
    // A name other than localhost is not looked up: it may mean another address later.
    loopbackOnly = own.map(HostHeader::isLoopback).orElse(false);
    own.ifPresent(known::add);
    known.add(LOCALHOST);
    for (String host : listed) {
      if (!host.equals(ANY)) {
        known.add(
            HostHeader.of(host)
                .orElseThrow(
                    () -> new IllegalArgumentException("\"%s\" is no host".formatted(host))));
      }
    }
  }

  /// @param field the `HostHeader` of the request; HTTP/1.0 has none
  /// @param target its address, which may name a host too
  /// @throws Refusal if it is for another host, or says so in a way that is not understood
  void require(@Nullable String field, String target) {
    if (field != null) {
      require(field);
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
    if (any || authority.equals(last)) {
      return;
    }
    HostHeader host =
        HostHeader.parse(authority)
            .orElseThrow(() -> RequestHead.broken("Host names a host, and a port if any"));
    if (!allows(host)) {
      throw RequestRejectedException.of(
          ProblemType.MISDIRECTED_REQUEST,
          "\"%s\" is not known as a name of this service; if it is one, add it to"
                  .formatted(host.name())
              + " server.allowed_hosts (SERVER_ALLOWED_HOSTS)");
    }
    last = authority;
  }

  private boolean allows(HostHeader host) {
    return known.contains(host)
        || (host.address().isPresent() && (host.isLoopback() || !loopbackOnly));
  }
}
