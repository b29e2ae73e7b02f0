package dev.agentlab.http;

import com.google.re2j.Pattern;
import dev.agentlab.net.Cidr;
import dev.agentlab.net.IpLiterals;
import io.vertx.core.MultiMap;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// The proxies whose `Forwarded` (RFC 7239) and `X-Forwarded-For` headers are trusted.
///
/// @param networks the networks of the proxies; empty if clients connect directly
record TrustedProxies(List<Cidr> networks) {
  private static final Pattern COMMA = Pattern.compile(",");
  private static final Pattern SEMICOLON = Pattern.compile(";");

  /// Returns the address of the client: that of the peer, unless the peer is a trusted proxy. In
  /// that case it is the last address in the header that is not a trusted proxy; earlier addresses
  /// are unverified. If the two headers give different addresses, one of them does not come from
  /// the proxy, and the result is the address of the peer.
  ///
  /// @param peer the address of the peer of the connection
  String clientAddress(String peer, MultiMap headers) {
    if (networks.isEmpty() || !isTrusted(address(peer))) {
      return peer;
    }
    Optional<String> forwarded = client(forwardedFor(headers.getAll("Forwarded")));
    Optional<String> forwardedFor = client(addresses(headers.getAll("X-Forwarded-For")));
    boolean isConflict =
        forwarded.isPresent() && forwardedFor.isPresent() && !forwarded.equals(forwardedFor);
    return isConflict ? peer : forwarded.or(() -> forwardedFor).orElse(peer);
  }

  /// @param hops the nearest hop last
  private Optional<String> client(List<String> hops) {
    Optional<String> client = Optional.empty();
    for (String hop : hops.reversed()) {
      Optional<InetAddress> address = address(hop);
      if (address.isEmpty()) {
        break;
      }
      client = address.map(InetAddress::getHostAddress);
      if (!isTrusted(address)) {
        break;
      }
    }
    return client;
  }

  private boolean isTrusted(Optional<InetAddress> address) {
    return address.isPresent()
        && networks.stream().anyMatch(network -> network.contains(address.get()));
  }

  private static List<String> addresses(List<String> fields) {
    List<String> addresses = new ArrayList<>();
    for (String field : fields) {
      addresses.addAll(List.of(COMMA.split(field, -1)));
    }
    return addresses;
  }

  /// The `for` value of each element; empty for an element without one.
  private static List<String> forwardedFor(List<String> fields) {
    List<String> hops = new ArrayList<>();
    for (String element : addresses(fields)) {
      String hop = "";
      for (String pair : SEMICOLON.split(element, -1)) {
        String stripped = pair.strip();
        if (stripped.toLowerCase(Locale.ROOT).startsWith("for=")) {
          hop = stripped.substring("for=".length());
        }
      }
      hops.add(hop);
    }
    return hops;
  }

  /// Parses `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1` or `[2001:db8::1]:80`, optionally quoted;
  /// empty for anything else, such as `unknown`.
  private static Optional<InetAddress> address(String hop) {
    String stripped = hop.strip();
    boolean quoted = stripped.length() > 1 && stripped.startsWith("\"") && stripped.endsWith("\"");
    String text = quoted ? stripped.substring(1, stripped.length() - 1) : stripped;
    if (text.startsWith("[")) {
      int end = text.indexOf(']');
      return end < 0 ? Optional.empty() : IpLiterals.parseIpv6(text.substring(1, end));
    }
    int colon = text.indexOf(':');
    boolean hasPort = colon >= 0 && colon == text.lastIndexOf(':');
    return hasPort ? IpLiterals.parseIpv4(text.substring(0, colon)) : IpLiterals.parse(text);
  }
}
