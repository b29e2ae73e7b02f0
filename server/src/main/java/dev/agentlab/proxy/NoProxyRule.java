package dev.agentlab.proxy;

import com.google.re2j.Pattern;
import dev.agentlab.net.Authority;
import dev.agentlab.net.Cidr;
import dev.agentlab.net.Host;
import dev.agentlab.net.IpLiterals;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;

/// A rule which hosts are called without a proxy, as in the variable `NO_PROXY`. A rule for
/// addresses applies to a host that is written as an address; names are not resolved for it.
public sealed interface NoProxyRule {

  /// Applies to every host.
  record Everything() implements NoProxyRule {
    @Override
    public boolean matches(Host host, int hostPort) {
      return true;
    }
  }

  /// Applies to the addresses of a network.
  ///
  /// @param port the only port; empty for all
  record Network(Cidr range, OptionalInt port) implements NoProxyRule {
    @Override
    public boolean matches(Host host, int hostPort) {
      return host.address().filter(range::contains).isPresent()
          && port.orElse(hostPort) == hostPort;
    }
  }

  /// Applies to the names of a domain.
  ///
  /// @param includesItself whether the rule applies to the domain beside its subdomains
  /// @param port the only port; empty for all
  record Domain(String name, boolean includesItself, OptionalInt port) implements NoProxyRule {
    /// The prefix of a rule for subdomains only.
    private static final Pattern SUBDOMAINS = Pattern.compile("^\\*?\\.");

    @Override
    public boolean matches(Host host, int hostPort) {
      boolean isName =
          (includesItself && host.text().equals(name)) || host.text().endsWith("." + name);
      return isName && port.orElse(hostPort) == hostPort;
    }
  }

  /// Whether calls of a host use no proxy.
  boolean matches(Host host, int hostPort);

  /// Parses one rule: `*`, a domain with its subdomains (`example.com`), only its subdomains
  /// (`.example.com`, `*.example.com`), an address, or a network (`10.0.0.0/8`). A domain or an
  /// address may have a port.
  ///
  /// @throws IllegalArgumentException if the text has another form
  static NoProxyRule parse(String text) {
    if (text.equals("*")) {
      return new Everything();
    }
    if (text.contains("/") || IpLiterals.parse(text).isPresent()) {
      return new Network(Cidr.parse(text), OptionalInt.empty());
    }
    String domain = Domain.SUBDOMAINS.matcher(text.toLowerCase(Locale.ROOT)).replaceFirst("");
    Authority authority = Authority.parse(domain);
    Optional<NoProxyRule> address =
        authority
            .host()
            .address()
            .map(it -> new Network(Cidr.parse(it.getHostAddress()), authority.port()));
    return address.orElseGet(() ->
        new Domain(authority.host().text(), domain.length() == text.length(), authority.port()));
  }
}
