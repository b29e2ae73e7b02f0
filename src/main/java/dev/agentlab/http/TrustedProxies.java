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

/// The proxies whose `Forwarded` (RFC 7239) and `X-Forwarded-For` headers are believed.
///
/// @param networks the addresses of the proxies; none if callers connect directly
record TrustedProxies(List<Cidr> networks) {
  private static final Pattern COMMA = Pattern.compile(",");
  private static final Pattern SEMICOLON = Pattern.compile(";");

  /// The address of the caller: of the socket's other side, unless that is a trusted proxy. Then
  /// the last address in the header that is no trusted proxy; those before it are only what
  /// somebody claimed. If the two headers lead to different addresses, one of them did not come
  /// from the proxy, and the socket's address stands.
  ///
  /// @param peer the address of the socket's other side
  String clientAddress(String peer, MultiMap headers) {
    if (networks.isEmpty() || !isTrusted(address(peer))) {
      return peer;
    }
    Optional<String> forwarded = client(forwardedFor(headers.getAll("Forwarded")));
    Optional<String> forwardedFor = client(addresses(headers.getAll("X-Forwarded-For")));
    boolean disagree =
        forwarded.isPresent() && forwardedFor.isPresent() && !forwarded.equals(forwardedFor);
    return disagree ? peer : forwarded.or(() -> forwardedFor).orElse(peer);
  }

  /// @param hops the nearest last
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

  /// The `for` of each element; empty text for one that has none.
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

  /// The address in `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1` or `[2001:db8::1]:80`, in quotes or
  /// not; empty for anything else, such as `unknown`.
  private static Optional<InetAddress> address(String hop) {
    String stripped = hop.strip();
    boolean quoted = stripped.length() > 1 && stripped.startsWith("\"") && stripped.endsWith("\"");
    String text = quoted ? stripped.substring(1, stripped.length() - 1) : stripped;
    if (text.startsWith("[")) {
      int end = text.indexOf(']');
      return end < 0 ? Optional.empty() : IpLiterals.ipv6(text.substring(1, end));
    }
    int colon = text.indexOf(':');
    boolean hasPort = colon >= 0 && colon == text.lastIndexOf(':');
    return hasPort
        ? IpLiterals.ipv4(text.substring(0, colon))
        : IpLiterals.ipv4(text).or(() -> IpLiterals.ipv6(text));
  }
}
